#include "tools/muster/output/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace muster::cli {
namespace {

using Lines = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t short_digits = 7;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

const Json* find(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(std::string(name));
  return found == object.end() ? nullptr : &*found;
}

/// The name of the member with the version of the release in member `name`.
std::string version_name(std::string_view name) {
  constexpr std::string_view suffix = "_release";
  if (!name.ends_with(suffix)) return "version_text";
  return fmt::format("{}_version", name.substr(0, name.size() - suffix.size()));
}

bool is_list_of_objects(const Json& value) {
  return value.is_array() && !value.empty() && value.front().is_object();
}

void collect(Lines& lines, const std::string& prefix, const Json& object) {
  for (const auto& [key, value] : object.items()) {
    auto name = prefix.empty() ? key : fmt::format("{}.{}", prefix, key);
    std::replace(name.begin(), name.end(), '_', ' ');
    if (value.is_object() && !value.empty()) {
      collect(lines, name, value);
    } else if (is_list_of_objects(value)) {
      for (const auto& item : value) lines.emplace_back(name, value_text(item));
    } else {
      lines.emplace_back(std::move(name), value_text(value));
    }
  }
}

std::string members_text(const Json& object) {
  std::string out;
  for (const auto& [key, value] : object.items()) {
    fmt::format_to(std::back_inserter(out), "{}{}={}", out.empty() ? "" : " ", key,
                   value_text(value));
  }
  return out;
}

std::string items_text(const Json& list) {
  std::string out;
  for (const auto& item : list) {
    fmt::format_to(std::back_inserter(out), "{}{}", out.empty() ? "" : ", ", value_text(item));
  }
  return out;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
    if (byte < 0x20U || byte == 0x7FU) {
      out.push_back('?');
    } else if (byte == 0xC2U && next >= 0x80U && next < 0xA0U) {
      // U+0080 to U+009F: some terminals take them as the start of a command.
      out.push_back('?');
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

std::string count_text(std::uint64_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string short_commit(std::string_view commit) {
  const bool shorten = commit.size() > short_digits && is_hex(commit);
  return std::string(shorten ? commit.substr(0, short_digits) : commit);
}

std::string value_text(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.is_array()) return items_text(value);
  if (value.is_object()) return members_text(value);
  return value.dump();
}

std::string text_at(const Json& object, std::string_view name) {
  const auto* value = find(object, name);
  return value == nullptr ? std::string() : value_text(*value);
}

bool flag_at(const Json& object, std::string_view name) {
  const auto* value = find(object, name);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

std::uint64_t count_at(const Json& object, std::string_view name) {
  const auto* value = find(object, name);
  const bool counts = value != nullptr && value->is_number_unsigned();
  return counts ? value->get<std::uint64_t>() : 0;
}

bool has(const Json& object, std::string_view name) {
  const auto* value = find(object, name);
  return value != nullptr && !value->is_null();
}

std::string release_at(const Json& object, std::string_view name) {
  const auto* value = find(object, name);
  if (value == nullptr || value->is_null()) return {};
  const bool nested = value->is_object();
  const auto commit = nested ? text_at(*value, "commit") : value_text(*value);
  const auto version =
      nested ? text_at(*value, "version_text") : text_at(object, version_name(name));
  auto digits = short_commit(commit);
  // A release without a semver may carry its commit as version.
  if (version.empty() || commit.starts_with(version)) return digits;
  // `1.1.0 (draft)` within brackets of ours reads better as `1.1.0, draft`.
  const auto bracket = version.find(" (");
  if (bracket == std::string::npos || !version.ends_with(')')) {
    return fmt::format("{} ({})", digits, version);
  }
  return fmt::format("{} ({}, {}", digits, version.substr(0, bracket), version.substr(bracket + 2));
}

std::string details_text(const Json& object) {
  Lines lines;
  collect(lines, "", object);
  std::size_t width = 0;
  for (const auto& [name, text] : lines) width = std::max(width, width_of(name));
  std::string out;
  for (const auto& [name, text] : lines) {
    out.append(printable(name)).append(width - width_of(name) + 2, ' ');
    out.append(text.empty() ? "-" : printable(text)).push_back('\n');
  }
  return out;
}

}  // namespace muster::cli
