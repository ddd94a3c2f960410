#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/agent/actions/action_memory.h"
#include "tools/agent/device_io.h"
#include "tools/agent/outbox.h"

namespace muster::agent {

/// What of the device decides whether an action may begin.
struct DeskView {
  bool is_connected = false;
  bool is_applying = false;
  bool is_downloading = false;  // What is wanted, or will be once more: nothing can be applied yet.
  bool lock_override = false;
  Position target;                            // Of the newest target that came.
  std::optional<std::uint64_t> after_action;  // The purge that the target waits for.
  const std::vector<std::string>& locks;
};

/// The actions of one device: rules 10 to 12 of docs/device-channel.md. A part of the device's
/// state machine, as pure as it is.
class ActionDesk {
 public:
  /// Both must outlive this. `memory` is where what must survive is kept.
  ActionDesk(ActionMemory& memory, Outbox& outbox) : memory_(memory), outbox_(outbox) {}

  /// After a start of the agent: ends or takes up what had begun. Comes first.
  void resume(const std::string& boot);

  void take(const Action& action);
  void take(const Cancel& cancel);
  void on_progress(int percent);
  void on_finished(const DeedFinished& input);
  void on_acks_delivered();
  void on_timer(TimerId id);
  void on_lost() { ack_timer_.reset(); }

  /// Begins what may begin now.
  void advance(const DeskView& view);

  /// Says the last ack again: `always`, or if it may not have arrived.
  void announce(bool always);

  /// A deed is under way or about to be.
  [[nodiscard]] bool is_at_work() const noexcept { return memory_.started.has_value(); }

  /// The kind of the started action.
  [[nodiscard]] std::optional<ActionKind> started_kind() const;

  /// Did the action of this number succeed, as far as is known?
  [[nodiscard]] bool has_done(std::uint64_t n) const;

 private:
  bool answer_known(const ActionKey& key);
  bool is_late(const ActionPosition& position);
  void begin(const Action& action);
  void begin_deed();
  void finish(const Action& action, AckState state, int code, std::string message);
  void say(Ack ack);
  [[nodiscard]] Ack make(const Action& action, AckState state, int code = 0,
                         std::string message = {}) const;

  ActionMemory& memory_;
  Outbox& outbox_;
  std::string boot_;

  std::optional<Action> waiting_;  // Delivered, not begun.
  std::optional<TimerId> expiry_timer_;
  std::optional<TimerId> ack_timer_;    // Until `started` has arrived, or long enough.
  std::optional<TimerId> going_timer_;  // Until a reboot or shutdown must have happened.
  bool is_doing_ = false;               // The deed of memory_.started is under way.
  bool again_ = false;
  int percent_ = 0;

  std::optional<Ack> last_ack_;
  bool is_unconfirmed_ = false;  // last_ack_ may not have arrived.
};

}  // namespace muster::agent
