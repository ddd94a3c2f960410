#include "tests/support/action_text.h"

#include <fmt/format.h>

#include <string_view>

namespace muster::test {
namespace {

template <typename E>
std::string about(const E& e) {
  std::string text = fmt::format("#{}", e.n.value());
  if (e.device != DeviceId{}) text += fmt::format(" device={}", e.device.value());
  if (e.fleet != FleetId{}) text += fmt::format(" fleet={}", e.fleet.value());
  return text;
}

std::string text_of(const ActionOrder& order) {
  std::string text(to_string(order.kind));
  if (!order.os_version.empty()) text += fmt::format(" {}", order.os_version);
  if (order.force) text += " force";
  if (order.max_parallel != 0) text += fmt::format(" max={}", order.max_parallel);
  if (order.stop_after_failures != 0) text += fmt::format(" stop={}", order.stop_after_failures);
  return text;
}

std::string result(ActionState state, std::int32_t code, const std::string& message) {
  std::string text(to_string(state));
  if (code != 0) text += fmt::format(" {}", code);
  if (!message.empty()) text += fmt::format(" `{}`", message);
  return text;
}

}  // namespace

std::string action_text(const ActionQueued& e) {
  return fmt::format("device={} {}{}", e.device.value(), text_of(e.order),
                     e.by_move ? " by-move" : "");
}

std::string action_text(const FleetActionQueued& e) {
  return fmt::format("fleet={} {} devices={}", e.fleet.value(), text_of(e.order), e.devices);
}

std::string action_text(const ActionSkipped& e) {
  std::string text = e.fleet == FleetId{} ? "" : fmt::format("fleet={} ", e.fleet.value());
  text += to_string(e.reason);
  for (const DeviceId device : e.devices) text += fmt::format(" {}", device.value());
  return text;
}

std::string action_text(const ActionMerged& e) { return about(e); }

std::string action_text(const ActionPublished& e) {
  return fmt::format("{} attempt={}", about(e), e.attempt);
}

std::string action_text(const ActionDelivered& e) { return about(e); }

std::string action_text(const ActionStarted& e) {
  return fmt::format("{} boot={}", about(e), e.boot);
}

std::string action_text(const ActionEnded& e) {
  return fmt::format("{} {} {}{}", about(e), result(e.state, e.code, e.message), to_string(e.cause),
                     e.releases_target ? " releases-target" : "");
}

std::string action_text(const ActionCancelRequested& e) {
  return fmt::format("{} {}", about(e), to_string(e.cause));
}

std::string action_text(const FleetActionEnded& e) {
  return fmt::format("#{} fleet={} {} {} devices={}", e.n.value(), e.fleet.value(),
                     to_string(e.state), to_string(e.cause), e.devices);
}

std::string action_text(const ActionLateResult& e) {
  return fmt::format("{} {}", about(e), result(e.state, e.code, e.message));
}

}  // namespace muster::test
