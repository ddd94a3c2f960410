#include "broker-bridge/actions/action_dispatcher.h"

#include <algorithm>
#include <utility>

#include "broker-bridge/channel/topic.h"
#include "core/base/overloaded.h"
#include "projections/reader.h"

namespace muster {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t asked_max = 500;  // Questions that the engine has not answered.
constexpr std::size_t held_part = 500;

// Devices that a sweep has in the queue at a time: single actions wait behind so many only.
constexpr std::size_t waiting_max = 50;
// Of one round, so that targets get their turn within a few milliseconds.
constexpr std::size_t looks_max = 50;
constexpr std::size_t sweep_part = 500;
// A device that gets an action answers with three messages. What a whole fleet says so is to leave
// a small machine time for everything else.
constexpr unsigned sendings_per_second = 2'000;
constexpr unsigned sendings_at_once = 50;
constexpr std::chrono::seconds held_pause{1};

/// Which sending of the device's head was decided, if it was.
std::optional<std::uint32_t> attempt_in(const Outcome& outcome) {
  if (!outcome) return std::nullopt;
  for (const Recorded& recorded : outcome->events()) {
    const auto* published = std::get_if<ActionPublished>(&recorded.event);
    if (published != nullptr) return published->attempt;
  }
  return std::nullopt;
}

}  // namespace

ActionDispatcher::ActionDispatcher(const Bridge::Parts& parts, LogIdentity identity,
                                   std::function<void(SendingDecided)> decided)
    : parts_(parts),
      identity_(std::move(identity)),
      decided_(std::move(decided)),
      pace_(sendings_per_second, sendings_at_once) {}

void ActionDispatcher::start_anew() {
  outbox_.clear();
  sweeps_.clear();
  told_.clear();
  asked_.clear();
  outgoing_.clear();
  held_.clear();
  rooms_ = 0;
  in_flight_ = 0;
}

void ActionDispatcher::came(DeviceId device) {
  told_.erase(device);
  outbox_.look_at(device);
}

void ActionDispatcher::left(DeviceId device) {
  told_.erase(device);
  outbox_.forget(device);
}

void ActionDispatcher::heard(DeviceId device, Sequence n) {
  const auto told = told_.find(device);
  if (told != told_.end() && told->second.n == n) outbox_.heard(device);
}

void ActionDispatcher::changed(const QueueMark& mark) {
  std::visit(Overloaded{[&](DeviceId device) { outbox_.look_at(device); },
                        [&](FleetId fleet) { sweeps_.add(fleet); },
                        [&](AllDevices) { sweeps_.add_all(); }},
             mark);
}

bool ActionDispatcher::submit() {
  const auto now = steady_clock::now();
  let_held_try();
  std::optional<Reader> reader;  // Made for the first turn: most rounds have none.
  if (!sweeps_.idle() && outbox_.waiting() < waiting_max) {
    reader.emplace(parts_.store);
    sweeps_.step(*reader, sweep_part, [&](DeviceId device) {
      if (is_online(device)) outbox_.look_at(device);
    });
  }
  fleets_.clear();
  for (std::size_t looks = 0; looks < looks_max && can_ask(now); ++looks) {
    const auto turn = outbox_.next(now);
    if (!turn) return false;
    if (!reader) reader.emplace(parts_.store);
    if (!look(*reader, *turn)) return true;
  }
  return false;
}

/// False if the engine is busy: the device gets another turn.
bool ActionDispatcher::look(const Reader& reader, const ActionOutbox::Turn& turn) {
  const auto device = reader.find(turn.device);
  const bool there = device && is_online(turn.device);
  const auto queue = there ? reader.find_queue(turn.device) : std::nullopt;
  const auto head =
      there ? head_of(*device, queue ? &*queue : nullptr, actions_of(reader, device->fleet))
            : std::nullopt;
  if (!head) {
    outbox_.done(turn.device);
    return true;
  }
  const OpenAction& action = *head->action;
  const Told to_tell{.n = action.n, .cancel = action.cancelling.has_value()};
  const auto told = told_.find(turn.device);
  const bool first = told == told_.end() || told->second != to_tell;
  if (!first && !turn.overdue) {
    outbox_.done(turn.device);
    return true;
  }
  pace_.step(steady_clock::now());
  if (to_tell.cancel) {
    send_cancel(*device, action, first);
    return true;
  }
  return ask(*device, action, first);
}

bool ActionDispatcher::ask(const Device& device, const OpenAction& action, bool first) {
  const std::uint64_t number = ++questions_;
  Command command{.id = random_ulid(parts_.clock.now()),
                  .body = PublishAction{.device = device.id, .n = action.n}};
  const auto queued = parts_.engine.submit(
      std::move(command), [decided = decided_, id = device.id, number](const Outcome& outcome) {
        decided({.device = id, .question = number, .attempt = attempt_in(outcome)});
      });
  if (!queued) {
    outbox_.look_at(device.id);
    outbox_.done(device.id);
    return false;
  }
  const bool limited = action.order.max_parallel > 0 && !action.published();
  asked_.insert_or_assign(
      device.id,
      Question{.number = number,
               .device = device.uuid,
               .encoding = device.encoding,
               .action = {.n = action.n, .id = action.id, .order = action.order, .attempt = 0},
               .expires = action.delivered_at ? std::nullopt : action.order.deliver_by,
               .first = first,
               .limited = limited});
  return true;
}

void ActionDispatcher::take(const SendingDecided& decided) {
  const auto found = asked_.find(decided.device);
  if (found == asked_.end() || found->second.number != decided.question) return;
  Question question = std::move(found->second);
  asked_.erase(found);
  if (!decided.attempt || !is_online(decided.device)) {
    if (question.limited) held_.push_back(decided.device);
    outbox_.done(decided.device);
    return;
  }
  question.action.attempt = *decided.attempt;
  MqttMessage message{.topic = action_topic(question.device),
                      .payload = action_payload(identity_, question.action, question.encoding)};
  message.content_type = content_type_of(question.encoding);
  message.correlation = to_string(question.action.id);
  if (question.expires) {
    message.expires_in =
        std::chrono::ceil<std::chrono::seconds>(*question.expires - parts_.clock.now());
  }
  send(decided.device, {.n = question.action.n, .cancel = false}, question.first,
       std::move(message));
}

void ActionDispatcher::send_cancel(const Device& device, const OpenAction& action, bool first) {
  send(device.id, {.n = action.n, .cancel = true}, first,
       {.topic = cancel_topic(device.uuid),
        .payload = cancel_payload(identity_, action.n, action.id, device.encoding),
        .content_type = std::string(content_type_of(device.encoding)),
        .correlation = to_string(action.id)});
}

void ActionDispatcher::send(DeviceId device, const Told& told, bool first, MqttMessage message) {
  told_.insert_or_assign(device, told);
  outbox_.sent(device, first, steady_clock::now());
  outgoing_.push_back({.device = device, .message = std::move(message)});
}

Result<void> ActionDispatcher::publish(const Send& send) {
  while (!outgoing_.empty() && in_flight_ < window) {
    const Outgoing next = std::move(outgoing_.front());
    outgoing_.pop_front();
    if (auto sent = send(next.message, next.device); !sent) return sent;
    ++in_flight_;
  }
  return {};
}

void ActionDispatcher::delivered(DeviceId device) {
  --in_flight_;
  outbox_.done(device);
}

/// Devices that a careful action does not let in yet: one for each action that ended, and some now
/// and then, because what ended may have been another action.
void ActionDispatcher::let_held_try() {
  const auto now = steady_clock::now();
  std::size_t count = std::exchange(rooms_, 0);
  if (now >= held_try_) {
    count = std::max(count, held_part);
    held_try_ = now + held_pause;
  }
  for (count = std::min(count, held_.size()); count > 0; --count) {
    outbox_.look_at(held_.front());
    held_.pop_front();
  }
}

std::optional<ActionOutbox::SteadyTime> ActionDispatcher::next_due() const {
  const bool can_sweep = !sweeps_.idle() && outbox_.waiting() < waiting_max;
  if (can_sweep) return steady_clock::now();
  if (outbox_.waiting() > 0 && asked_.size() < asked_max) return pace_.next();
  const auto due = outbox_.next_due();
  if (held_.empty()) return due;
  return due ? std::min(*due, held_try_) : held_try_;
}

const FleetActions* ActionDispatcher::actions_of(const Reader& reader, FleetId fleet) {
  const auto [entry, added] = fleets_.try_emplace(fleet);
  if (added) entry->second = reader.find_actions(fleet);
  return entry->second ? &*entry->second : nullptr;
}

bool ActionDispatcher::can_ask(ActionOutbox::SteadyTime now) const {
  return asked_.size() < asked_max && pace_.next() <= now;
}

bool ActionDispatcher::is_online(DeviceId device) const {
  return parts_.presence.look(device, parts_.clock.now()).presence == Presence::online;
}

}  // namespace muster
