#include "tests/core/domain/actions/given_actions.h"

#include <fmt/format.h>

#include <utility>

namespace muster::test {
namespace {

std::vector<std::string> uuids(const std::vector<std::uint32_t>& numbers) {
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const std::uint32_t number : numbers) texts.push_back(uuid_text(number));
  return texts;
}

}  // namespace

GivenActions::GivenActions() {
  for (int i = 0; i < 3; ++i) world.device(thermo);
  world.device(second);
  for (std::uint32_t id = 1; id <= 4; ++id) {
    world.given(DeviceSoftwareChanged{DeviceId{id}, "2.98.33", OsVariant::production, "1.14.0"});
  }
}

QueueAction GivenActions::ask(ActionKind kind, std::vector<std::uint32_t> devices) {
  return {.order = {.kind = kind}, .devices = uuids(devices), .fleet = {}};
}

QueueAction GivenActions::ask_fleet(ActionKind kind, std::string fleet) {
  return {.order = {.kind = kind}, .devices = {}, .fleet = std::move(fleet)};
}

QueueAction GivenActions::update(std::string version, std::vector<std::uint32_t> devices) {
  QueueAction command = ask(ActionKind::os_update, std::move(devices));
  command.order.os_version = std::move(version);
  return command;
}

Sequence GivenActions::queued(const QueueAction& command, const How& how) {
  const Sequence first = next(world.head());
  world.perform(command, how);
  return first;
}

std::string GivenActions::publish(std::uint32_t device, Sequence n) {
  return world.perform(PublishAction{DeviceId{device}, n}, {.by = bridge});
}

std::string GivenActions::ack(std::uint32_t device, Sequence n, ActionState state,
                              std::string boot) {
  const Device& row = world.of(DeviceId{device});
  AckAction ack{.device = row.uuid, .n = n, .id = {}, .state = state, .boot = std::move(boot)};
  const DeviceQueue* own = world.state().open_actions().find_queue(row.id);
  if (const OpenAction* action = find_action(own, n)) ack.id = action->id;
  return world.perform(ack, {.by = bridge});
}

std::string GivenActions::expire(std::uint32_t device, Sequence n) {
  return world.perform(ExpireActions{.devices = {{DeviceId{device}, n}}, .fleets = {}},
                       {.by = bridge});
}

void GivenActions::through(std::uint32_t device, Sequence n,
                           const std::vector<ActionState>& states) {
  publish(device, n);
  for (const ActionState state : states) ack(device, n, state);
}

std::string GivenActions::queue(std::uint32_t device) const {
  const OpenActions& open = world.state().open_actions();
  const Device& row = world.of(DeviceId{device});
  std::string text;
  for (const QueuedAction& entry :
       queue_of(row, open.find_queue(row.id), open.find_actions(row.fleet))) {
    text += fmt::format("{}{}", text.empty() ? "" : " ", entry.action->n.value());
  }
  return text.empty() ? "-" : text;
}

std::string GivenActions::head(std::uint32_t device) const {
  const OpenActions& open = world.state().open_actions();
  const Device& row = world.of(DeviceId{device});
  const auto head = head_of(row, open.find_queue(row.id), open.find_actions(row.fleet));
  return head ? fmt::format("{}", head->action->n.value()) : "-";
}

const FleetAction* GivenActions::wide(Sequence n) const {
  return find_action(world.state().open_actions().find_actions(thermo), n);
}

std::string hash(Sequence n) { return fmt::format("#{}", n.value()); }

}  // namespace muster::test
