#include "tools/agent/change_printer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace muster::agent {
namespace {

std::string target_line(const Change& change) {
  auto line = fmt::format("target  seq {}", change.position.seq);
  if (change.release) line += fmt::format("  release {}", short_name(*change.release));
  if (!change.policy.empty()) line += fmt::format("  {}", change.policy);
  return line;
}

std::string other_line(const Change& change) {
  auto line = fmt::format("{:<7}", to_string(change.kind));
  if (change.release) line += fmt::format(" {}", short_name(*change.release));
  return line;
}

}  // namespace

std::string change_line(const Uuid& device, const Change& change) {
  constexpr std::size_t shown = 8;
  const auto name = to_string(device).substr(0, shown);
  const auto what = change.kind == ChangeKind::target ? target_line(change) : other_line(change);
  const auto why = change.message.empty() ? "" : fmt::format("  {}", change.message);
  return fmt::format("{}  {}{}", name, what, why);
}

std::string change_json(const Uuid& device, const Change& change, Timestamp at) {
  using Json = nlohmann::ordered_json;
  Json json = {{"device", to_string(device)}, {"event", to_string(change.kind)}};
  json["epoch"] = change.position.epoch;
  json["seq"] = change.position.seq;
  json["commit"] = change.release ? Json(change.release->commit) : Json(nullptr);
  json["semver"] = change.release ? Json(change.release->semver) : Json(nullptr);
  json["policy"] = change.policy;
  json["message"] = change.message;
  json["at"] = to_rfc3339(at);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace muster::agent
