#include "tools/agent/host/change_printer.h"

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

std::string line(const Uuid& device, const std::string& what, const std::string& message) {
  constexpr std::size_t shown = 8;
  const auto name = to_string(device).substr(0, shown);
  const auto why = message.empty() ? "" : fmt::format("  {}", message);
  return fmt::format("{}  {}{}", name, what, why);
}

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string change_line(const Uuid& device, const Change& change) {
  const auto what = change.kind == ChangeKind::target ? target_line(change) : other_line(change);
  return line(device, what, change.message);
}

std::string change_line(const Uuid& device, const ActionChange& change) {
  const auto what =
      fmt::format("action  {}  {}", short_name(change.action), to_string(change.state));
  return line(device, what, change.message);
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
  return dump(json);
}

std::string change_json(const Uuid& device, const ActionChange& change, Timestamp at) {
  const auto& action = change.action;
  return dump({{"device", to_string(device)},
               {"event", "action"},
               {"epoch", action.key.position.epoch},
               {"n", action.key.position.n},
               {"id", action.key.id},
               {"kind", action.kind ? to_string(*action.kind) : "unknown"},
               {"state", to_string(change.state)},
               {"message", change.message},
               {"at", to_rfc3339(at)}});
}

}  // namespace muster::agent
