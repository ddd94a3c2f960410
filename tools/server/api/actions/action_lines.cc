#include "tools/server/api/actions/action_lines.h"

#include <nlohmann/json.hpp>

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

/// Whom it is about: the device, and the fleet of a fleet-wide action.
Json scope(DeviceId device, FleetId fleet, Names& names) {
  Json scope = Json::object();
  if (device != DeviceId{}) scope["device"] = names.of(device);
  if (fleet != FleetId{}) scope["fleet"] = names.of(fleet);
  return scope;
}

template <typename E>
Json about(const E& e, Names& names) {
  Json line = scope(e.device, e.fleet, names);
  line["n"] = e.n.value();
  return line;
}

Json time_or_null(const std::optional<Timestamp>& at) {
  return at ? Json(to_rfc3339(*at)) : Json(nullptr);
}

void add_order(Json& line, const ActionOrder& order) {
  line["kind"] = to_string(order.kind);
  if (order.kind == ActionKind::os_update) line["os_version"] = order.os_version;
  line["force"] = order.force;
  line["deliver_by"] = time_or_null(order.deliver_by);
}

}  // namespace

Json action_line(const ActionQueued& e, Names& names) {
  Json line = scope(e.device, FleetId{}, names);
  add_order(line, e.order);
  if (e.by_move) line["cause"] = "move";
  return line;
}

Json action_line(const FleetActionQueued& e, Names& names) {
  Json line = scope(DeviceId{}, e.fleet, names);
  add_order(line, e.order);
  line["devices"] = e.devices;
  return line;
}

Json action_line(const ActionSkipped& e, Names& names) {
  Json line = scope(DeviceId{}, e.fleet, names);
  line["reason"] = to_string(e.reason);
  Json devices = Json::array();
  for (const DeviceId device : e.devices) devices.push_back(names.of(device));
  line["devices"] = std::move(devices);
  return line;
}

Json action_line(const ActionMerged& e, Names& names) {
  Json line = about(e, names);
  line["deliver_by"] = time_or_null(e.deliver_by);
  return line;
}

Json action_line(const ActionPublished& e, Names& names) {
  Json line = about(e, names);
  line["attempt"] = e.attempt;
  return line;
}

Json action_line(const ActionDelivered& e, Names& names) { return about(e, names); }

Json action_line(const ActionStarted& e, Names& names) {
  Json line = about(e, names);
  line["boot"] = e.boot;
  return line;
}

Json action_line(const ActionEnded& e, Names& names) {
  Json line = about(e, names);
  line["state"] = to_string(e.state);
  line["cause"] = to_string(e.cause);
  if (e.code != 0) line["code"] = e.code;
  if (!e.message.empty()) line["message"] = e.message;
  return line;
}

Json action_line(const ActionCancelRequested& e, Names& names) {
  Json line = about(e, names);
  line["cause"] = to_string(e.cause);
  return line;
}

Json action_line(const FleetActionEnded& e, Names& names) {
  Json line = scope(DeviceId{}, e.fleet, names);
  line["n"] = e.n.value();
  line["state"] = to_string(e.state);
  line["cause"] = to_string(e.cause);
  line["devices"] = e.devices;
  return line;
}

Json action_line(const ActionLateResult& e, Names& names) {
  Json line = about(e, names);
  line["state"] = to_string(e.state);
  if (e.code != 0) line["code"] = e.code;
  if (!e.message.empty()) line["message"] = e.message;
  return line;
}

}  // namespace muster
