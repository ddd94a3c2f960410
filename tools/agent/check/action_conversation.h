#pragma once

#include "core/base/error.h"
#include "tools/agent/check/conversation.h"
#include "tools/agent/check/observer.h"

namespace muster::agent {

/// The rules of actions (10 and 11), as a part of the conversation with one device. It is asked to
/// blink, which does no harm.
class ActionConversation {
 public:
  ActionConversation(const ConversationParts& parts, Observer& observer)
      : options_(parts.options),
        observer_(observer),
        server_(parts.server),
        book_(parts.book),
        restart_(parts.restart_device) {}

  // Errors of both: unavailable.

  /// While its program runs.
  [[nodiscard]] Result<void> hold();

  /// With its program started anew, if that can be. The last part: it connects again.
  [[nodiscard]] Result<void> hold_after_restart();

 private:
  Result<void> one_action();
  Result<void> the_same_again();
  Result<void> past_ones();
  Result<void> early_cancel();
  Result<void> late_cancel();
  Result<void> unknown_ones();

  /// Sends `action` and waits for its end; nullopt: there is none.
  Result<std::optional<AckReport>> await_end(const CheckAction& action);

  /// Sends what must not be done, and says what is wrong with what it answers; empty: nothing.
  Result<std::string> refusal_of(const CheckAction& action);
  [[nodiscard]] std::string started_since(std::size_t mark, const CheckAction& action) const;

  const CheckOptions& options_;
  Observer& observer_;
  ServerSide& server_;
  RuleBook& book_;
  const std::function<Result<void>()>& restart_;
  CheckAction done_;  // The first action, and what came of it.
  std::optional<AckReport> result_;
};

}  // namespace muster::agent
