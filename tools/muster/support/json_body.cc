#include "tools/muster/support/json_body.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace muster::cli {
namespace {

std::string json_of(const nlohmann::ordered_json& value) {
  return value.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

void JsonBody::text(std::string_view name, std::string_view value) { raw(name, json_of(value)); }

void JsonBody::texts(std::string_view name, const std::vector<std::string>& values) {
  raw(name, json_of(values));
}

void JsonBody::number(std::string_view name, std::uint64_t value) { raw(name, json_of(value)); }

void JsonBody::flag(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }

void JsonBody::text(std::string_view name, const std::optional<std::string>& value) {
  if (value) text(name, std::string_view(*value));
}

void JsonBody::raw(std::string_view name, std::string_view json) {
  if (!members_.empty()) members_.push_back(',');
  members_.append(json_of(name)).append(":").append(json);
}

std::string JsonBody::str() const { return fmt::format("{{{}}}", members_); }

}  // namespace muster::cli
