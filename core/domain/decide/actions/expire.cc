#include "core/domain/decide/actions/expire.h"

#include <fmt/format.h>

#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"

namespace muster {
namespace {

EndCause cause_of(const OpenAction& action) {
  if (action.state == ActionState::started) return EndCause::no_result;
  if (action.cancelling) return *action.cancelling;
  return action.delivered_at ? EndCause::not_started : EndCause::not_delivered;
}

bool is_due(const OpenAction& action, Timestamp now) {
  const auto deadline = deadline_of(action);
  return deadline && *deadline <= now;
}

}  // namespace

void expire(const OpenAction& action, DeviceId device, std::vector<Event>& events) {
  end_action(action, device, cause_of(action), events);
}

Decision decide_one(const Context& context, const ExpireActions& command) {
  const std::size_t size = command.devices.size() + command.fleets.size();
  if (context.asker.user != UserId{} || size > selection_size_max) {
    return reject(RejectionCode::not_allowed, "actions", "only the server's own clock ends them",
                  "cancel them");
  }
  const OpenActions& open = context.state.open_actions();
  std::vector<Event> events;
  for (const ActionOn& on : command.devices) {
    const OpenAction* action = find_action(open.find_queue(on.device), on.n);
    if (action != nullptr && is_due(*action, context.now)) expire(*action, on.device, events);
  }
  for (const ActionOfFleet& of : command.fleets) {
    const FleetAction* wide = find_action(open.find_actions(of.fleet), of.n);
    if (wide == nullptr || !is_due(wide->action, context.now)) continue;
    end_untouched(of.fleet, *wide, EndCause::not_delivered, events);
  }
  stop_failing(context.state, events);
  return events;
}

}  // namespace muster
