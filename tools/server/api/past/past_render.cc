#include "tools/server/api/past/past_render.h"

#include <nlohmann/json.hpp>

#include "core/domain/actions/queue.h"
#include "core/domain/decide/release_name.h"
#include "core/domain/lifecycle/lives.h"
#include "core/domain/lifecycle/settings.h"
#include "core/domain/target.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

Json username(PastRows& rows, UserId id) {
  const User* user = rows.find(id);
  return user == nullptr ? Json(nullptr) : Json(user->username);
}

template <typename Members>
Json render_members(PastRows& rows, const Members& members) {
  Json list = Json::array();
  for (const auto& [user, role] : members) {
    list.push_back(Json{{"user", username(rows, user)}, {"role", to_string(role)}});
  }
  return list;
}

Json commit(const Release* release) {
  return release == nullptr ? Json(nullptr) : Json(release->commit);
}

Json render_action(const OpenAction& action) {
  return Json{{"id", to_string(action.id)},
              {"n", action.n.value()},
              {"kind", to_string(action.order.kind)},
              {"state", action.cancelling ? "cancelling" : to_string(action.state)},
              {"fleet_wide", action.fleet != FleetId{}},
              {"attempts", action.attempts}};
}

Json render_queue(PastRows& rows, const Device& device) {
  Json queue = Json::array();
  const auto actions =
      queue_of(device, rows.find_queue(device.id), rows.find_actions(device.fleet));
  for (const QueuedAction& each : actions) queue.push_back(render_action(*each.action));
  return queue;
}

Json render_queue(PastRows& rows, FleetId fleet) {
  Json queue = Json::array();
  const FleetActions* actions = rows.find_actions(fleet);
  if (actions == nullptr) return queue;
  for (const FleetAction& each : actions->open) queue.push_back(render_action(each.action));
  return queue;
}

Json until(Timestamp end, Timestamp at) { return end > at ? Json(to_rfc3339(end)) : Json(nullptr); }

Json render_settings(const DeviceSettings& settings, Timestamp at) {
  return Json{{"public_url", settings.public_url},
              {"local_mode", settings.local_mode},
              {"lock_override", settings.lock_override},
              {"support_until", until(settings.support_until.value_or(Timestamp{}), at)}};
}

}  // namespace

const Release* past_target(PastRows& rows, const Device* device) {
  const Fleet* fleet = device == nullptr ? nullptr : rows.find(device->fleet);
  if (fleet == nullptr || lifecycle_of(*device, *fleet) != Lifecycle::active) return nullptr;
  const auto wanted = target_release(*device, *fleet);
  return wanted ? rows.find(*wanted) : nullptr;
}

Json render(PastRows& rows, const Organisation& organisation) {
  return Json{{"handle", organisation.handle},
              {"id", organisation.id.value()},
              {"members", render_members(rows, organisation.members)},
              {"billing_valid", organisation.billing_valid}};
}

Json render(PastRows& rows, const Fleet& fleet, Timestamp at) {
  const Release* target = fleet.target ? rows.find(*fleet.target) : nullptr;
  const DeviceType* type = rows.find(fleet.device_type);
  return Json{{"slug", fleet.slug},
              {"id", fleet.id.value()},
              {"uuid", to_string(fleet.uuid)},
              {"device_type", type == nullptr ? Json(nullptr) : Json(type->slug)},
              {"type", to_string(fleet.type)},
              {"policy", to_string(fleet.policy)},
              {"target_release", commit(target)},
              {"target_version", target == nullptr ? Json(nullptr) : Json(version_text(*target))},
              {"devices", fleet.devices},
              {"pinned_devices", fleet.pinned_devices},
              {"deleted", fleet.is_deleted()},
              {"support_until", until(fleet.support.until, at)},
              {"members", render_members(rows, fleet.members)},
              {"queue", render_queue(rows, fleet.id)}};
}

Json render(PastRows& rows, const Device& device, Timestamp at) {
  const Fleet& fleet = *rows.find(device.fleet);
  const Lifecycle lifecycle = lifecycle_of(device, fleet);
  const Release* target = past_target(rows, &device);
  const auto wanted = target_release(device, fleet);
  const Target told = target_of(device, fleet, wanted ? rows.find(*wanted) : nullptr);
  Json tags = Json::object();
  for (const Tag& tag : device.tags) tags[tag.key] = tag.value;
  const auto& running = device.running_commit;
  return Json{{"uuid", to_string(device.uuid)},
              {"id", device.id.value()},
              {"name", device.name},
              {"tags", std::move(tags)},
              {"fleet", fleet.slug},
              {"lifecycle", to_string(lifecycle)},
              {"policy", device.pin ? "pinned" : "tracking"},
              {"fleet_policy", to_string(fleet.policy)},
              {"target_release", commit(target)},
              {"target_version", target == nullptr ? Json(nullptr) : Json(version_text(*target))},
              {"target_seq", told.told ? Json(told.changed.sequence.value()) : Json(nullptr)},
              {"pinned_release", device.pin ? commit(rows.find(*device.pin)) : Json(nullptr)},
              {"running_release", running.empty() ? Json(nullptr) : Json(running)},
              {"settings", render_settings(told.settings, at)},
              {"queue", render_queue(rows, device)}};
}

}  // namespace muster
