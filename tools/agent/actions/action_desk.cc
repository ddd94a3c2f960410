#include "tools/agent/actions/action_desk.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds ack_patience = 5s;
constexpr std::chrono::milliseconds going_max = 5min;
constexpr std::uint64_t execute_within_s_max = 366ULL * 24 * 3600;
constexpr std::size_t message_length_max = 500;

constexpr int not_started_in_time = 408;
constexpr int overtaken = 409;
constexpr int not_kept = 410;
constexpr int locked = 423;
constexpr int unknown_kind = 501;
constexpr int did_not_go = 504;

bool leaves(std::optional<ActionKind> kind) {
  return kind == ActionKind::reboot || kind == ActionKind::shutdown;
}

/// The purge of a move, which nothing but its cancellation ends.
bool is_of_move(const Action& action, const DeskView& view) {
  return action.kind == ActionKind::purge &&
         (action.deliver_by.empty() || view.after_action == action.key.position.n);
}

/// After the purge of a move its target is applied at once: what ran for the old fleet would write
/// into the emptied volumes.
bool waits_for_target(const Action& action, const DeskView& view) {
  const auto [epoch, n] = action.key.position;
  return is_of_move(action, view) && (view.is_downloading || view.target < Position{epoch, n});
}

bool is_held_back(const Action& action, const DeskView& view) {
  const bool heeds_locks = action.kind != ActionKind::blink;
  return heeds_locks && !view.locks.empty() && !view.lock_override && !action.force;
}

}  // namespace

void ActionDesk::resume(const std::string& boot) {
  boot_ = boot;
  if (!memory_.results.empty()) {
    last_ack_ = memory_.results.back();
    is_unconfirmed_ = true;
  }
  if (!memory_.started) return;
  const ActionMemory::Started started = *memory_.started;
  if (leaves(started.action.kind) && started.boot != boot) {
    finish(started.action, AckState::succeeded, 0, {});
    return;
  }
  again_ = true;
  say(make(started.action, AckState::started));
}

void ActionDesk::take(const Action& action) {
  if (waiting_ && waiting_->key == action.key) {
    say(make(action, AckState::delivered));
    return;
  }
  if (answer_known(action.key) || is_late(action.key.position)) return;
  if (waiting_) {
    finish(*waiting_, AckState::expired, overtaken, "the server went on to a later one");
  }
  if (!action.kind) {
    finish(action, AckState::rejected, unknown_kind, "this agent does not know such an action");
    return;
  }
  waiting_ = action;
  say(make(action, AckState::delivered));
  if (action.execute_within_s == 0) return;
  const std::chrono::seconds limit(std::min(action.execute_within_s, execute_within_s_max));
  expiry_timer_ = outbox_.schedule(limit, limit);
}

void ActionDesk::take(const Cancel& cancel) {
  if (waiting_ && waiting_->key == cancel.key) {
    finish(*waiting_, AckState::cancelled, 0, {});
  } else if (!answer_known(cancel.key) && !is_late(cancel.key.position)) {
    // It has not come yet: should it still come, it is not done.
    finish(Action{.key = cancel.key, .kind = std::nullopt}, AckState::cancelled, 0, {});
  }
}

/// Of an action that the server has gone past, or that is none of its.
bool ActionDesk::is_late(const ActionPosition& position) {
  const bool late = (memory_.started && position <= memory_.started->action.key.position) ||
                    (waiting_ && position <= waiting_->key.position);
  if (!late) return false;
  outbox_.add(Warn{fmt::format(
      "message of action {} ignored: a later one, or another of its number, is under way",
      position.n)});
  return true;
}

/// Says the truth about an action that has begun or ended; false if it has not.
bool ActionDesk::answer_known(const ActionKey& key) {
  if (const auto* result = memory_.find(key)) {
    say(*result);
    return true;
  }
  if (memory_.started && memory_.started->action.key == key) {
    auto ack = make(memory_.started->action, AckState::started);
    ack.percent = percent_;
    say(std::move(ack));
    return true;
  }
  if (memory_.is_past(key.position)) {
    say(make(Action{.key = key, .kind = std::nullopt}, AckState::failed, not_kept,
             "finished, result not kept"));
    return true;
  }
  return false;
}

void ActionDesk::on_progress(int percent) {
  constexpr int complete = 100;
  if (!is_doing_) return;
  percent_ = std::clamp(percent, 0, complete);
  auto ack = make(memory_.started->action, AckState::started);
  ack.percent = percent_;
  say(std::move(ack));
}

void ActionDesk::on_finished(const DeedFinished& input) {
  MUSTER_ASSERT(is_doing_ && memory_.started, "a deed can only end after it was begun");
  const Action action = memory_.started->action;
  if (input.code != 0) {
    finish(action, AckState::failed, input.code, input.message);
  } else if (leaves(action.kind)) {
    going_timer_ = outbox_.schedule(going_max, going_max);
  } else {
    finish(action, AckState::succeeded, 0, input.message);
  }
}

void ActionDesk::on_acks_delivered() {
  ack_timer_.reset();
  is_unconfirmed_ = false;
}

void ActionDesk::on_timer(TimerId id) {
  if (id == ack_timer_) {
    ack_timer_.reset();
  } else if (id == expiry_timer_ && waiting_) {
    finish(*waiting_, AckState::expired, not_started_in_time,
           fmt::format("not started within {} s", waiting_->execute_within_s));
  } else if (id == going_timer_ && memory_.started) {
    finish(memory_.started->action, AckState::failed, did_not_go,
           fmt::format("the device is still up {} s later",
                       std::chrono::duration_cast<std::chrono::seconds>(going_max).count()));
  }
}

void ActionDesk::advance(const DeskView& view) {
  if (waiting_ && !memory_.started && !view.is_applying && !waits_for_target(*waiting_, view)) {
    const Action action = *waiting_;
    if (!is_held_back(action, view)) {
      begin(action);
      if (view.is_connected) ack_timer_ = outbox_.schedule(ack_patience, ack_patience);
    } else if (!is_of_move(action, view)) {
      finish(action, AckState::rejected, locked,
             fmt::format("held back by the update lock of {}", fmt::join(view.locks, ", ")));
    }
  }
  if (memory_.started && !is_doing_ && !ack_timer_) begin_deed();
}

void ActionDesk::begin(const Action& action) {
  waiting_.reset();
  expiry_timer_.reset();
  again_ = false;
  percent_ = 0;
  memory_.started = ActionMemory::Started{action, boot_};
  outbox_.save_first();
  outbox_.add(ActionChange{action, AckState::started, {}});
  say(make(action, AckState::started));
}

void ActionDesk::begin_deed() {
  is_doing_ = true;
  outbox_.add(StartDeed{memory_.started->action, again_});
}

/// Nothing of it is to be done any more. What is said of it is on disk before it is said.
void ActionDesk::finish(const Action& action, AckState state, int code, std::string message) {
  constexpr int complete = 100;
  auto result = make(action, state, code, std::move(message));
  result.message.resize(std::min(result.message.size(), message_length_max));
  result.percent = state == AckState::succeeded ? complete : 0;
  // A copy: `action` may be the very one that is let go below.
  ActionChange change{action, state, result.message};
  if (waiting_ && waiting_->key == change.action.key) {
    waiting_.reset();
    expiry_timer_.reset();
  }
  if (memory_.started && memory_.started->action.key == change.action.key) {
    memory_.started.reset();
    is_doing_ = false;
    going_timer_.reset();
    ack_timer_.reset();
  }
  memory_.add(result);
  outbox_.save_first();
  outbox_.add(std::move(change));
  say(std::move(result));
}

void ActionDesk::say(Ack ack) {
  last_ack_ = ack;
  is_unconfirmed_ = true;
  outbox_.add(PublishAck{std::move(ack)});
}

void ActionDesk::announce(bool always) {
  if (last_ack_ && (always || is_unconfirmed_)) outbox_.add(PublishAck{*last_ack_});
}

Ack ActionDesk::make(const Action& action, AckState state, int code, std::string message) const {
  return {.key = action.key,
          .state = state,
          .percent = 0,
          .code = code,
          .message = std::move(message),
          .boot = boot_};
}

std::optional<ActionKind> ActionDesk::started_kind() const {
  return memory_.started ? memory_.started->action.kind : std::nullopt;
}

bool ActionDesk::has_done(std::uint64_t n) const {
  return std::ranges::any_of(memory_.results, [&](const Ack& result) {
    return result.key.position.n == n && result.state == AckState::succeeded;
  });
}

}  // namespace muster::agent
