#include "tools/agent/support/json_reader.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace muster::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr int depth_max = 64;  // Writing JSON recurses: a hostile payload must not choose how deep.

}  // namespace

JsonDocument::JsonDocument(Json json) : json_(std::make_unique<Json>(std::move(json))) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> parse_json_object(std::string_view text) {
  bool too_deep = false;
  const auto watch_depth = [&too_deep](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > depth_max;
    return !too_deep;
  };
  auto json = Json::parse(text, watch_depth, false);
  if (too_deep) return fail(ErrorCode::invalid_input, "nested too deeply");
  if (json.is_discarded()) return fail(ErrorCode::invalid_input, "not valid JSON");
  if (!json.is_object()) return fail(ErrorCode::invalid_input, "not a JSON object");
  return JsonDocument(std::move(json));
}

Result<std::string> compact_json_object(std::string_view text) {
  const auto document = parse_json_object(text);
  if (!document) return tl::unexpected(document.error());
  return document->json().dump();
}

JsonReader::JsonReader(const JsonDocument& document) : json_(&document.json()) {}

const Json* JsonReader::find(std::string_view name) const {
  const auto found = json_->find(std::string(name));
  return found == json_->end() ? nullptr : &*found;
}

bool JsonReader::is_absent(std::string_view name) const {
  const auto* member = find(name);
  return member == nullptr || member->is_null();
}

void JsonReader::expect(bool fits, std::string_view name, std::string_view type) const {
  if (fits || problem_) return;
  const auto* rule = find(name) == nullptr ? "is missing, expected" : "must be";
  problem_ = Error{ErrorCode::invalid_input, fmt::format("`{}` {} {}", name, rule, type)};
}

std::uint64_t JsonReader::number(std::string_view name) const {
  const auto* member = find(name);
  const bool fits = member != nullptr && member->is_number_unsigned();
  expect(fits, name, "an unsigned integer");
  return fits ? member->get<std::uint64_t>() : 0;
}

bool JsonReader::flag(std::string_view name) const {
  const auto* member = find(name);
  const bool fits = member != nullptr && member->is_boolean();
  expect(fits, name, "true or false");
  return fits && member->get<bool>();
}

std::string JsonReader::text(std::string_view name) const {
  const auto* member = find(name);
  const bool fits = member != nullptr && member->is_string();
  expect(fits, name, "a text");
  return fits ? member->get<std::string>() : std::string();
}

std::string JsonReader::optional_raw_object(std::string_view name) const {
  if (is_absent(name)) return "{}";
  const auto* member = find(name);
  const bool fits = member->is_object();
  expect(fits, name, "an object");
  return fits ? member->dump(-1, ' ', false, Json::error_handler_t::replace) : "{}";
}

std::optional<JsonReader> JsonReader::object(std::string_view name) const {
  const auto* member = find(name);
  const bool fits = member != nullptr && member->is_object();
  expect(fits, name, "an object");
  if (!fits) return std::nullopt;
  return JsonReader(*member);
}

std::optional<JsonReader> JsonReader::nullable_object(std::string_view name) const {
  const auto* member = find(name);
  if (member != nullptr && member->is_null()) return std::nullopt;
  expect(member != nullptr && member->is_object(), name, "an object or null");
  return problem_ ? std::nullopt : std::optional(JsonReader(*member));
}

std::optional<std::uint64_t> JsonReader::optional_number(std::string_view name) const {
  if (is_absent(name)) return std::nullopt;
  return number(name);
}

std::string JsonReader::optional_text(std::string_view name) const {
  return is_absent(name) ? std::string() : text(name);
}

bool JsonReader::optional_flag(std::string_view name) const {
  return !is_absent(name) && flag(name);
}

std::vector<std::string> JsonReader::optional_raw_objects(std::string_view name) const {
  std::vector<std::string> objects;
  const auto* member = find(name);
  if (member == nullptr) return objects;
  expect(member->is_array(), name, "a list of objects");
  if (!member->is_array()) return objects;
  for (const auto& each : *member) {
    expect(each.is_object(), name, "a list of objects");
    objects.push_back(each.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return objects;
}

}  // namespace muster::agent
