#include "core/log/record/codec_action_writer.h"

namespace muster {

flatbuffers::Offset<wire::ActionOrder> ActionWriter::order_of(const ActionOrder& order) {
  const Text os_version = text(order.os_version);
  return wire::CreateActionOrder(builder_, same_number<wire::ActionKind>(order.kind), os_version,
                                 order.force, micros(order.deliver_by), order.execute_within_s,
                                 order.max_parallel, order.stop_after_failures);
}

WirePayload ActionWriter::operator()(const ActionQueued& e) {
  const auto order = order_of(e.order);
  return payload(wire::CreateActionQueued(builder_, e.device.value(), order, e.by_move));
}

WirePayload ActionWriter::operator()(const FleetActionQueued& e) {
  const auto order = order_of(e.order);
  return payload(wire::CreateFleetActionQueued(builder_, e.fleet.value(), order, e.devices,
                                               e.last_device.value()));
}

WirePayload ActionWriter::operator()(const ActionSkipped& e) {
  const auto ids = list(numbers(e.devices));
  return payload(wire::CreateActionSkipped(builder_, e.fleet.value(),
                                           same_number<wire::EndCause>(e.reason), ids));
}

WirePayload ActionWriter::operator()(const ActionMerged& e) {
  return payload(wire::CreateActionMerged(builder_, e.device.value(), e.fleet.value(), e.n.value(),
                                          micros(e.deliver_by)));
}

WirePayload ActionWriter::operator()(const ActionPublished& e) {
  return payload(wire::CreateActionPublished(builder_, e.device.value(), e.fleet.value(),
                                             e.n.value(), e.attempt));
}

WirePayload ActionWriter::operator()(const ActionDelivered& e) {
  return payload(
      wire::CreateActionDelivered(builder_, e.device.value(), e.fleet.value(), e.n.value()));
}

WirePayload ActionWriter::operator()(const ActionStarted& e) {
  const Text boot = text(e.boot);
  return payload(
      wire::CreateActionStarted(builder_, e.device.value(), e.fleet.value(), e.n.value(), boot));
}

WirePayload ActionWriter::operator()(const ActionEnded& e) {
  const Text message = text(e.message);
  return payload(wire::CreateActionEnded(builder_, e.device.value(), e.fleet.value(), e.n.value(),
                                         same_number<wire::ActionState>(e.state),
                                         same_number<wire::EndCause>(e.cause), e.code, message,
                                         e.releases_target));
}

WirePayload ActionWriter::operator()(const ActionCancelRequested& e) {
  return payload(wire::CreateActionCancelRequested(builder_, e.device.value(), e.fleet.value(),
                                                   e.n.value(),
                                                   same_number<wire::EndCause>(e.cause)));
}

WirePayload ActionWriter::operator()(const FleetActionEnded& e) {
  return payload(wire::CreateFleetActionEnded(builder_, e.fleet.value(), e.n.value(),
                                              same_number<wire::ActionState>(e.state),
                                              same_number<wire::EndCause>(e.cause), e.devices));
}

WirePayload ActionWriter::operator()(const ActionLateResult& e) {
  const Text message = text(e.message);
  return payload(wire::CreateActionLateResult(builder_, e.device.value(), e.fleet.value(),
                                              e.n.value(), same_number<wire::ActionState>(e.state),
                                              e.code, message));
}

}  // namespace muster
