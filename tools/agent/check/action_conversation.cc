#include "tools/agent/check/action_conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace muster::agent {
namespace {

constexpr std::uint64_t first_epoch = 100;
constexpr std::uint64_t first_n = 9'100;
constexpr std::uint64_t far = 1'000;

CheckAction action(std::uint64_t n, std::uint8_t id) {
  CheckAction made{.epoch = first_epoch, .n = n};
  made.id.bytes.fill(id);
  return made;
}

bool is_end(ActionState state) {
  return state != ActionState::delivered && state != ActionState::started;
}

auto of(const CheckAction& action) {
  return [action](const AckReport& ack) {
    return ack.epoch == action.epoch && ack.n == Sequence{action.n} && ack.id == action.id;
  };
}

std::string describe(const AckReport& ack) {
  return fmt::format("{} code {}{}{}", to_string(ack.state), ack.code,
                     ack.message.empty() ? "" : ": ", ack.message);
}

}  // namespace

Result<void> ActionConversation::hold() {
  using Part = Result<void> (ActionConversation::*)();
  for (const Part part : {&ActionConversation::one_action, &ActionConversation::the_same_again,
                          &ActionConversation::past_ones, &ActionConversation::late_cancel,
                          &ActionConversation::early_cancel, &ActionConversation::unknown_ones}) {
    if (auto held = (this->*part)(); !held) return held;
  }
  return {};
}

Result<std::optional<AckReport>> ActionConversation::await_end(const CheckAction& action) {
  const std::size_t mark = observer_.mark();
  if (auto sent = server_.send(action); !sent) return tl::unexpected(sent.error());
  const auto is_its_end = [is_its = of(action)](const AckReport& ack) {
    return is_its(ack) && is_end(ack.state);
  };
  return observer_.await_ack(mark, is_its_end, options_.step_max);
}

std::string ActionConversation::started_since(std::size_t mark, const CheckAction& action) const {
  const auto acks = observer_.acks(mark);
  const bool started = std::ranges::any_of(acks, [is_its = of(action)](const AckReport& ack) {
    return is_its(ack) && ack.state == ActionState::started;
  });
  return started ? "it began" : "";
}

Result<void> ActionConversation::one_action() {
  const std::size_t mark = observer_.mark();
  done_ = action(first_n, 1);
  auto end = await_end(done_);
  if (!end) return tl::unexpected(end.error());
  result_ = std::move(*end);
  book_.judge("10a", result_.has_value(), result_ ? describe(*result_) : "no end of it");
  if (!result_) return {};
  if (result_->state == ActionState::rejected) {
    book_.skip("10b", "it does not blink");
    return {};
  }
  const auto acks = observer_.acks(mark);
  const auto first = std::ranges::find_if(acks, [is_its = of(done_)](const AckReport& ack) {
    return is_its(ack) && ack.state != ActionState::delivered;
  });
  const bool kept = first->state == ActionState::started;
  book_.judge("10b", kept, kept ? "started, and then the end" : "not acked as started before");
  return {};
}

Result<void> ActionConversation::the_same_again() {
  if (!result_) return {};
  const std::size_t mark = observer_.mark();
  const auto again = await_end(done_);
  if (!again) return tl::unexpected(again.error());
  static_cast<void>(observer_.await_ack(observer_.mark(), of(done_), options_.quiet));
  const auto began = started_since(mark, done_);
  const bool same = *again && (*again)->state == result_->state && began.empty();
  book_.judge("10c", same, !*again ? "no answer" : began.empty() ? describe(**again) : began);
  return {};
}

Result<std::string> ActionConversation::refusal_of(const CheckAction& action) {
  const std::size_t mark = observer_.mark();
  const auto end = await_end(action);
  if (!end) return tl::unexpected(end.error());
  if (!*end) return "no answer";
  if ((*end)->state == ActionState::succeeded) return describe(**end);
  return started_since(mark, action);
}

Result<void> ActionConversation::past_ones() {
  if (!result_) return {};
  CheckAction earlier_epoch = action(first_n + far, 3);
  earlier_epoch.epoch -= 1;
  for (const auto& [past, name] : {std::pair{action(first_n, 2), "another id of its number"},
                                   std::pair{action(first_n - 1, 4), "a lower number"},
                                   std::pair{earlier_epoch, "an earlier epoch"}}) {
    const auto wrong = refusal_of(past);
    if (!wrong) return tl::unexpected(wrong.error());
    if (!wrong->empty()) book_.judge("10d", false, fmt::format("{}: {}", name, *wrong));
  }
  book_.judge("10d", true, "none of them was done");
  return {};
}

Result<void> ActionConversation::late_cancel() {
  if (!result_) return {};
  const std::size_t mark = observer_.mark();
  if (auto sent = server_.send_cancel(done_); !sent) return sent;
  const auto ack = observer_.await_ack(mark, of(done_), options_.answer_max);
  book_.judge("11b", ack && ack->state == result_->state, ack ? describe(*ack) : "no answer");
  return {};
}

Result<void> ActionConversation::early_cancel() {
  const CheckAction withdrawn = action(first_n + 1, 5);
  const std::size_t mark = observer_.mark();
  if (auto sent = server_.send_cancel(withdrawn); !sent) return sent;
  const auto ack = observer_.await_ack(mark, of(withdrawn), options_.answer_max);
  if (!ack || ack->state != ActionState::cancelled) {
    book_.judge("11a", false, ack ? describe(*ack) : "no answer");
  }
  const auto wrong = refusal_of(withdrawn);
  if (!wrong) return tl::unexpected(wrong.error());
  book_.judge("11a", wrong->empty(), wrong->empty() ? "cancelled, and not done" : *wrong);
  return {};
}

Result<void> ActionConversation::unknown_ones() {
  CheckAction unknown = action(first_n + 2, 6);
  unknown.is_known = false;
  const auto wrong = refusal_of(unknown);
  if (!wrong) return tl::unexpected(wrong.error());
  if (!wrong->empty()) book_.judge("11c", false, fmt::format("an unknown kind: {}", *wrong));
  for (const std::string& payload :
       {std::string("{"), std::string("\0\1\2", 3), std::string("[]"), std::string(R"({"v":1})"),
        std::string(R"({"v":1,"epoch":100,"n":"x","id":7,"kind":[],"args":3})"), std::string(),
        std::string("\x1c\0\0\0MUCH\xff\xff\xff\x7f", 12)}) {
    if (auto sent = server_.send_raw_action(payload); !sent) return sent;
  }
  const auto end = await_end(action(first_n + 3, 7));
  if (!end) return tl::unexpected(end.error());
  book_.judge("11c", end->has_value(),
              *end ? "refused, and it goes on" : "it does no more actions");
  return {};
}

Result<void> ActionConversation::hold_after_restart() {
  if (!restart_) {
    book_.skip("10e", "its program was not started by this check");
    return {};
  }
  if (!result_) return {};
  const std::size_t connection = observer_.newest_connection();
  if (auto started = restart_(); !started) return started;
  if (!observer_.await_return(connection, options_.connect_max)) {
    book_.judge("10e", false, "it did not come back");
    return {};
  }
  const std::size_t mark = observer_.mark();
  const auto again = await_end(done_);
  if (!again) return tl::unexpected(again.error());
  const auto began = started_since(mark, done_);
  const bool same = *again && (*again)->state == result_->state && began.empty();
  book_.judge("10e", same, !*again ? "no answer" : began.empty() ? describe(**again) : began);
  return {};
}

}  // namespace muster::agent
