#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "projections/actions/action_reader.h"
#include "tools/server/api/actions/action_list.h"
#include "tools/server/api/api.h"
#include "tools/server/api/inventory/device_choice.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

// Queueing and cancelling actions.

namespace muster {
namespace {

std::uint32_t small_number(JsonReader& body, std::string_view name) {
  const auto given = body.optional_unsigned_integer(name);
  if (given && (*given == 0 || *given > UINT32_MAX)) {
    body.refuse(name, "a whole number from 1 on", fmt::to_string(*given));
    return 0;
  }
  return static_cast<std::uint32_t>(given.value_or(0));
}

ActionOrder read_order(JsonReader& body) {
  ActionOrder order;
  const std::string word = body.string("kind");
  const auto kind = parse_action_kind(word);
  if (!kind) body.refuse("kind", "restart, purge, reboot, shutdown, os-update or blink", word);
  order.kind = kind.value_or(ActionKind::blink);
  order.os_version = body.optional_string("os_version").value_or("");
  order.force = body.optional_boolean("force").value_or(false);
  order.execute_within_s = small_number(body, "execute_within_s");
  order.max_parallel = small_number(body, "max_parallel");
  order.stop_after_failures = small_number(body, "stop_after_failures");
  if (const auto text = body.optional_string("deliver_by")) {
    const auto at = parse_rfc3339(*text);
    if (at) order.deliver_by = *at;
    if (!at) body.refuse("deliver_by", "a time in UTC, such as 2026-12-31T08:30:00Z", *text);
  }
  return order;
}

std::vector<DeviceId> online_among(const Build& build, const QueueAction& command) {
  std::vector<DeviceId> ids;
  if (command.selected) ids = command.selected->ids;
  for (const std::string& text : command.devices) {
    const auto uuid = parse_uuid(text);
    const auto device = uuid ? build.reader.find_device(*uuid) : std::nullopt;
    if (device) ids.push_back(device->id);
  }
  const Timestamp now = build.parts.clock.now();
  std::erase_if(ids, [&](DeviceId id) {
    return build.parts.presence.look(id, now).presence != Presence::online;
  });
  std::ranges::sort(ids);
  return ids;
}

/// Whom the action is for: exactly one of the ways to say it.
HttpResult<void> read_scope(const Build& build, QueueAction& command) {
  JsonReader& body = build.body;
  const auto fleet = body.optional_string("fleet");
  const auto device = body.optional_string("device");
  const bool several = body.has("devices") || body.has("filter") || body.has("view");
  const int ways = static_cast<int>(fleet.has_value()) + static_cast<int>(device.has_value()) +
                   static_cast<int>(several);
  if (ways != 1) {
    body.refuse("devices", "one of `device`, `devices`, `filter` and `view`, or `fleet`",
                ways == 0 ? "none of them" : "several of them");
    return {};
  }
  if (fleet) command.fleet = *fleet;
  if (device) {
    auto uuid = uuid_of(build.sight, *device);
    if (!uuid) return tl::unexpected(uuid.error());
    command.devices = {std::move(*uuid)};
  }
  if (!several) return {};
  auto choice = choose_devices(build);
  if (!choice) return tl::unexpected(choice.error());
  command.devices = std::move(choice->devices);
  command.selected = std::move(choice->selected);
  return {};
}

HttpResult<CommandBody> queue_action(const Build& build) {
  QueueAction command{.order = read_order(build.body), .devices = {}, .fleet = {}};
  command.skip_inapplicable = build.body.optional_boolean("skip_inapplicable").value_or(false);
  command.online_only = build.body.optional_boolean("online_only").value_or(false);
  if (auto scope = read_scope(build, command); !scope) return tl::unexpected(scope.error());
  if (command.online_only) command.online = online_among(build, command);
  return command;
}

/// Where the parts of `action` are that may still be open: on its device, or fleet-wide.
void add_parts(const ActionRecord& action, CancelAction& command) {
  if (action.fleet != FleetId{}) {
    command.fleets.push_back({action.fleet, action.n});
  } else if (action.device != DeviceId{}) {
    command.devices.push_back({action.device, action.n});
  }
}

HttpResult<CommandBody> cancel_action(const Build& build) {
  const std::string& name = build.match.at("action");
  const auto found = find_action(build.reader, build.sight, name);
  if (!found) return tl::unexpected(found.error());
  CancelAction command{.action = name, .devices = {}, .fleets = {}};
  const auto text = build.body.optional_string("device");
  if (!text) {
    for (const ActionRecord& action : *found) add_parts(action, command);
    return command;
  }
  const auto device = build.sight.device(*text);
  if (!device) return tl::unexpected(device.error());
  for (const ActionRecord& action : *found) {
    const bool concerned = action.device == device->id || action.fleet == device->fleet;
    if (concerned) command.devices.push_back({device->id, action.n});
  }
  return command;
}

}  // namespace

void add_action_commands(Api& api) {
  api.command("action.queue", HttpMethod::post, "/v1/actions", queue_action);
  api.command("action.cancel", HttpMethod::del, "/v1/actions/{action}", cancel_action);
}

}  // namespace muster
