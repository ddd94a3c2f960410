#include "core/log/record/codec_action_reader.h"

namespace muster::stored {

ActionOrder ActionReader::order(const wire::ActionOrder& order) {
  return ActionOrder{.kind = known<ActionKind>(order.kind(), "action kind"),
                     .os_version = text(order.os_version()),
                     .force = order.force(),
                     .deliver_by = time(order.deliver_by_us()),
                     .execute_within_s = order.execute_within_s(),
                     .max_parallel = order.max_parallel(),
                     .stop_after_failures = order.stop_after_failures()};
}

Event ActionReader::read(const wire::ActionQueued& e) {
  return ActionQueued{DeviceId(e.device()), order(*e.order()), e.by_move()};
}

Event ActionReader::read(const wire::FleetActionQueued& e) {
  return FleetActionQueued{FleetId(e.fleet()), order(*e.order()), e.devices(),
                           DeviceId(e.last_device())};
}

Event ActionReader::read(const wire::ActionSkipped& e) {
  return ActionSkipped{FleetId(e.fleet()), known<EndCause>(e.reason(), "reason"),
                       stored::ids<DeviceId>(e.devices())};
}

Event ActionReader::read(const wire::ActionMerged& e) {
  return ActionMerged{DeviceId(e.device()), FleetId(e.fleet()), Sequence(e.n()),
                      time(e.deliver_by_us())};
}

Event ActionReader::read(const wire::ActionPublished& e) {
  return ActionPublished{DeviceId(e.device()), FleetId(e.fleet()), Sequence(e.n()), e.attempt()};
}

Event ActionReader::read(const wire::ActionDelivered& e) {
  return ActionDelivered{DeviceId(e.device()), FleetId(e.fleet()), Sequence(e.n())};
}

Event ActionReader::read(const wire::ActionStarted& e) {
  return ActionStarted{DeviceId(e.device()), FleetId(e.fleet()), Sequence(e.n()), text(e.boot())};
}

Event ActionReader::read(const wire::ActionEnded& e) {
  return ActionEnded{DeviceId(e.device()),
                     FleetId(e.fleet()),
                     Sequence(e.n()),
                     known<ActionState>(e.state(), "action state"),
                     known<EndCause>(e.cause(), "cause"),
                     e.code(),
                     text(e.message()),
                     e.releases_target()};
}

Event ActionReader::read(const wire::ActionCancelRequested& e) {
  return ActionCancelRequested{DeviceId(e.device()), FleetId(e.fleet()), Sequence(e.n()),
                               known<EndCause>(e.cause(), "cause")};
}

Event ActionReader::read(const wire::FleetActionEnded& e) {
  return FleetActionEnded{FleetId(e.fleet()), Sequence(e.n()),
                          known<ActionState>(e.state(), "action state"),
                          known<EndCause>(e.cause(), "cause"), e.devices()};
}

Event ActionReader::read(const wire::ActionLateResult& e) {
  return ActionLateResult{DeviceId(e.device()),
                          FleetId(e.fleet()),
                          Sequence(e.n()),
                          known<ActionState>(e.state(), "action state"),
                          e.code(),
                          text(e.message())};
}

}  // namespace muster::stored
