#include "tools/agent/services/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace muster::agent {
namespace {

using Json = nlohmann::json;

constexpr std::size_t services_max = 32;
constexpr std::size_t words_max = 64;
constexpr std::size_t name_length_max = 64;

tl::unexpected<Error> refuse(std::string_view service, std::string_view rule) {
  return fail(ErrorCode::invalid_input, fmt::format("service `{}`: {}", service, rule));
}

/// What may be a file's name and nothing worse.
bool is_name(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= name_length_max && text.front() != '.' &&
         std::ranges::all_of(text, fits);
}

bool is_variable(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !text.empty() && (text.front() < '0' || text.front() > '9') &&
         std::ranges::all_of(text, fits) && !text.starts_with("MUSTER_");
}

/// One that an exec takes as it is.
bool is_word(const Json& json) {
  return json.is_string() && json.get_ref<const std::string&>().find('\0') == std::string::npos;
}

bool are_words(const Json& json) {
  return json.is_array() && json.size() <= words_max && std::ranges::all_of(json, is_word);
}

Result<void> read_environment(const Json& json, ServiceSpec& service) {
  constexpr auto rule =
      "`environment` must be an object of texts; names are letters, digits and `_`, and those "
      "that begin with MUSTER_ are the agent's";
  if (!json.is_object() || json.size() > words_max) return refuse(service.name, rule);
  for (const auto& [name, value] : json.items()) {
    if (!is_variable(name) || !is_word(value)) return refuse(service.name, rule);
    service.environment.emplace(name, value.get<std::string>());
  }
  return {};
}

Result<void> read_volumes(const Json& json, ServiceSpec& service) {
  const bool fits = are_words(json) && std::ranges::all_of(json, [](const Json& name) {
                      return is_name(name.get_ref<const std::string&>());
                    });
  if (!fits) {
    return refuse(service.name, "`volumes` must be a list of names of letters, digits, `_-.`");
  }
  const auto names = json.get<std::set<std::string>>();
  service.volumes.assign(names.begin(), names.end());
  return {};
}

Result<ServiceSpec> read_service(const std::string& name, const Json& json) {
  if (!is_name(name)) return refuse(name, "its name must be letters, digits, `_-.`, at most 64");
  const auto& command = json.at("command");
  if (!are_words(command) || command.empty() || command.front().get<std::string>().empty()) {
    return refuse(name, "`command` must be a list of 1 to 64 texts, a program and its arguments");
  }
  ServiceSpec service{name, command.get<std::vector<std::string>>(), {}, {}};
  if (json.contains("environment")) {
    auto read = read_environment(json.at("environment"), service);
    if (!read) return tl::unexpected(read.error());
  }
  if (json.contains("volumes")) {
    auto read = read_volumes(json.at("volumes"), service);
    if (!read) return tl::unexpected(read.error());
  }
  return service;
}

}  // namespace

Result<std::vector<ServiceSpec>> parse_services(std::string_view manifest) {
  std::vector<ServiceSpec> services;
  const auto json = Json::parse(manifest, nullptr, false);
  if (!json.is_object()) return services;
  const auto all = json.find("services");
  if (all == json.end() || !all->is_object()) return services;
  for (const auto& [name, each] : all->items()) {
    if (!each.is_object() || !each.contains("command")) continue;
    auto service = read_service(name, each);
    if (!service) return tl::unexpected(service.error());
    services.push_back(std::move(*service));
    if (services.size() > services_max) return refuse(name, "a release has at most 32 of them");
  }
  return services;
}

std::string describe(const ServiceSpec& service) {
  return Json{{"command", service.command},
              {"environment", service.environment},
              {"volumes", service.volumes}}
      .dump();
}

}  // namespace muster::agent
