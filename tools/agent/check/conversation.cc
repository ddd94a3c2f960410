#include "tools/agent/check/conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "broker-bridge/channel/inbound.h"
#include "broker-bridge/channel/topic.h"
#include "tools/agent/check/action_conversation.h"
#include "tools/agent/check/observer.h"

namespace muster::agent {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t first_epoch = 100;
constexpr std::uint64_t first_seq = 1'000;
constexpr std::uint64_t some_action = 9'007;
constexpr milliseconds look_for_stop_every{200};
constexpr milliseconds spread_grace{2'000};
constexpr std::size_t commit_length = 40;

std::string commit(char digit) { return std::string(commit_length, digit); }

auto of(const CheckTarget& target) {
  return [epoch = target.epoch, seq = target.seq](const ProgressReport& state) {
    return state.epoch == epoch && state.sequence == seq;
  };
}

bool any_ack(const AckReport& /*ack*/) { return true; }

auto runs(const CheckTarget& target) {
  return [of_target = of(target), commit = target.commit](const ProgressReport& state) {
    return of_target(state) && state.status == "done" && state.running == commit;
  };
}

/// The rules, one after the other, as a conversation with one device.
class Conversation {
 public:
  explicit Conversation(const ConversationParts& parts)
      : options_(parts.options),
        device_(parts.device),
        tap_(parts.tap),
        observer_(parts.tap, parts.device.uuid),
        server_(parts.server),
        book_(parts.book),
        actions_(parts, observer_) {}

  /// What is there before the device comes.
  Result<void> prepare() {
    // No spread: what it sends for it must not be taken for an answer to something else later.
    instance_ = to_string(random_uuid());
    if (auto said = server_.say_alive(instance_, 0); !said) return said;
    return server_.send(target_);
  }

  Result<void> hold() {
    const auto birth = await_first_birth();
    if (!birth) return {};
    judge_connecting(*birth);
    if (birth->report.encoding) server_.use(*birth->report.encoding);
    using Part = Result<void> (Conversation::*)();
    for (const Part part :
         {&Conversation::first_target, &Conversation::same_and_older, &Conversation::epoch,
          &Conversation::unknown_members, &Conversation::no_release, &Conversation::local_mode,
          &Conversation::after_action, &Conversation::nonsense, &Conversation::taken_away,
          &Conversation::actions, &Conversation::instances, &Conversation::broken_connection,
          &Conversation::restarted_program}) {
      if (options_.stopped && options_.stopped()) {
        return fail(ErrorCode::failed, "interrupted: not all rules were checked");
      }
      if (auto done = (this->*part)(); !done) return done;
    }
    manners();
    return {};
  }

 private:
  std::optional<SeenBirth> await_first_birth() {
    for (milliseconds waited{0}; waited < options_.connect_max; waited += look_for_stop_every) {
      if (auto birth = observer_.await_birth(0, look_for_stop_every)) return birth;
      if (options_.stopped && options_.stopped()) break;
    }
    const auto connect = observer_.connect_of(1);
    if (!connect) {
      book_.judge("1a", false, "it did not connect");
    } else {
      judge_identity(*connect);
      book_.judge("1d", false, "it connected, and no birth came that the server could read");
      manners();
    }
    return std::nullopt;
  }

  void judge_identity(const mqtt::ClientConnect& connect) {
    const bool kept = connect.client_id == device_.client_id &&
                      connect.username == device_.username && connect.has_password;
    book_.judge("1a", kept,
                fmt::format("client id {}, user name {}, {} password", connect.client_id,
                            connect.username.value_or("none"), connect.has_password ? "a" : "no"));
  }

  void judge_connecting(const SeenBirth& birth) {
    const auto connect = observer_.connect_of(birth.connection);
    if (!connect) return;
    judge_identity(*connect);
    const auto& will = connect->will;
    const auto gone = will ? parse_presence(will->payload) : tl::unexpected(Error{});
    const bool will_kept = will && gone && !gone->online && will->qos == 1 && !will->retain &&
                           will->topic == up_topic(device_.uuid, UpKind::presence);
    book_.judge("1b", will_kept,
                will ? fmt::format("on {}, QoS {}{}: {}", will->topic, will->qos,
                                   will->retain ? ", retained" : "",
                                   gone ? (gone->online ? "online" : "gone") : "unreadable")
                     : "no will");
    judge_subscriptions(birth.connection);
    const bool same = gone && gone->session == birth.report.session;
    book_.judge("1d", same, same ? "the same session" : "another session than the will's");
  }

  void judge_subscriptions(std::size_t connection) {
    const auto subscriptions = observer_.subscriptions_of(connection);
    std::string missing;
    for (const auto& filter : device_filters(device_.uuid)) {
      const bool has = std::ranges::any_of(
          subscriptions, [&](const auto& each) { return each.filter == filter && each.qos >= 1; });
      if (!has) missing += " " + filter;
    }
    book_.judge("1c", missing.empty(),
                missing.empty() ? "all four" : fmt::format("not, or at QoS 0:{}", missing));
  }

  Result<void> first_target() {
    const auto state = observer_.await_state(0, of(target_), options_.answer_max);
    book_.judge("2a", state.has_value(), state ? describe(*state) : observer_.last_state(0));
    const auto done = observer_.await_state(0, runs(target_), options_.step_max);
    book_.judge("3a", done.has_value(), done ? describe(*done) : observer_.last_state(0));
    return {};
  }

  /// Waits until it has said all that it has to say for now.
  void let_it_finish() {
    constexpr int patience = 10;
    const auto any = [](const ProgressReport&) { return true; };
    for (int i = 0; i < patience; ++i) {
      if (!observer_.await_state(observer_.mark(), any, options_.quiet)) return;
    }
  }

  Result<void> same_and_older() {
    let_it_finish();
    std::size_t mark = observer_.mark();
    if (auto sent = server_.send(target_); !sent) return sent;
    const auto again = observer_.await_state(mark, of(target_), options_.answer_max);
    book_.judge("2b", again.has_value(), again ? describe(*again) : "no answer");
    mark = observer_.mark();
    CheckTarget older = target_;
    older.seq -= 1;
    older.commit = commit('0');
    if (auto sent = server_.send(older, false); !sent) return sent;
    const auto took = observer_.await_state(
        mark, [&](const auto& state) { return of(older)(state) || state.running == older.commit; },
        options_.quiet);
    book_.judge("2c", !took, took ? describe(*took) : "nothing of it was taken");
    return {};
  }

  Result<void> epoch() {
    target_.epoch += 1;
    target_.seq = 1;
    return expect_run("2d", 'b');
  }

  Result<void> unknown_members() {
    target_.seq += 1;
    target_.unknown_members = true;
    auto done = expect_run("7b", 'c');
    target_.unknown_members = false;
    return done;
  }

  /// Sends the target with another commit, and judges whether it runs in the end.
  Result<void> expect_run(std::string_view number, char digit) {
    const std::size_t mark = observer_.mark();
    target_.commit = commit(digit);
    if (auto sent = server_.send(target_); !sent) return sent;
    const auto done = observer_.await_state(mark, runs(target_), options_.step_max);
    book_.judge(number, done.has_value(), done ? describe(*done) : observer_.last_state(mark));
    return {};
  }

  Result<void> no_release() {
    const std::size_t mark = observer_.mark();
    const auto running = running_now();
    target_.commit.clear();
    target_.seq += 1;
    if (auto sent = server_.send(target_); !sent) return sent;
    const auto state = observer_.await_state(mark, of(target_), options_.answer_max);
    const bool kept = state && state->running == running;
    book_.judge("3b", kept, state ? describe(*state) : observer_.last_state(mark));
    return {};
  }

  Result<void> local_mode() {
    target_.local_mode = true;
    auto done = expect_held_back("6", 'd');
    target_.local_mode = false;
    return done ? release_held_back("6") : done;
  }

  Result<void> after_action() {
    target_.after_action = some_action;
    auto done = expect_held_back("3c", 'e');
    target_.after_action.reset();
    return done ? release_held_back("3c") : done;
  }

  /// Sends a target that must be reported and must not run.
  Result<void> expect_held_back(std::string_view number, char digit) {
    const std::size_t mark = observer_.mark();
    target_.seq += 1;
    target_.commit = commit(digit);
    if (auto sent = server_.send(target_); !sent) return sent;
    const auto stored = observer_.await_state(mark, of(target_), options_.answer_max);
    if (!stored) book_.judge(number, false, "no state of this target");
    const auto ran = observer_.await_state(
        mark, [&](const auto& state) { return state.running == target_.commit; }, options_.quiet);
    if (ran) book_.judge(number, false, describe(*ran));
    return {};
  }

  /// Sends it with nothing that holds it back: now it must run.
  Result<void> release_held_back(std::string_view number) {
    target_.seq += 1;
    const std::size_t mark = observer_.mark();
    if (auto sent = server_.send(target_); !sent) return sent;
    const auto done = observer_.await_state(mark, runs(target_), options_.step_max);
    book_.judge(number, done.has_value(),
                done ? "held back, and applied when it was released" : "not applied afterwards");
    return {};
  }

  Result<void> nonsense() {
    const std::string nested = std::string(2'000, '[');
    for (const std::string& payload :
         {std::string("{"), std::string("\0\1\2", 3), std::string("[]"), std::string(R"({"v":1})"),
          std::string(R"({"v":1,"epoch":"x","seq":[],"settings":7,"release":3})"), nested,
          std::string(9'000, 'x'), std::string("\x1c\0\0\0MUCH\xff\xff\xff\x7f", 12)}) {
      if (auto sent = server_.send_raw_target(payload, false); !sent) return sent;
      if (auto sent = server_.send_raw_bridge(payload); !sent) return sent;
    }
    target_.seq += 1;
    return expect_run("7a", 'f');
  }

  Result<void> taken_away() {
    const std::size_t mark = observer_.mark();
    const auto changed = [running = running_now()](const auto& state) {
      return state.running != running;
    };
    if (auto sent = server_.send_raw_target({}, true); !sent) return sent;
    auto lost = observer_.await_state(mark, changed, options_.quiet);
    if (!lost) {
      // It need not answer; what it says of itself next tells.
      if (auto said = say_alive(); !said) return said;
      lost = observer_.await_state(mark, changed, spread());
    }
    book_.judge("2e", !lost, lost ? describe(*lost) : "it keeps running what runs");
    const std::size_t before = observer_.mark();
    if (auto sent = server_.send(target_); !sent) return sent;
    static_cast<void>(observer_.await_state(before, of(target_), options_.answer_max));
    return {};  // Whether it answers was judged before.
  }

  Result<void> actions() { return actions_.hold(); }

  Result<void> restarted_program() { return actions_.hold_after_restart(); }

  Result<void> instances() {
    const bool has_acked = !observer_.acks(0).empty();
    std::size_t mark = observer_.mark();
    if (auto said = say_alive(); !said) return said;
    const auto birth = observer_.await_birth(mark, spread());
    const auto state = observer_.await_state(mark, of(target_), options_.answer_max);
    const bool acked = !has_acked || observer_.await_ack(mark, any_ack, options_.answer_max);
    book_.judge("5a", birth && state && acked,
                fmt::format("{}, {}{}", birth ? "a birth" : "no birth",
                            state ? "a state" : "no state of its target",
                            acked ? "" : ", not its last ack"));
    mark = observer_.mark();
    auto same = server_.say_alive(instance_, 0);
    if (!same) return same;
    const auto again = observer_.await_birth(mark, options_.quiet);
    book_.judge("5b", !again, again ? "another birth" : "nothing");
    return {};
  }

  Result<void> broken_connection() {
    const auto before = observer_.await_birth(0, milliseconds{0});
    const std::size_t mark = observer_.mark();
    const std::size_t connection = observer_.newest_connection();
    tap_.cut();
    const auto birth = observer_.await_return(connection, options_.reconnect_max);
    const auto state = observer_.await_state(mark, of(target_), options_.answer_max);
    const bool fresh = birth && before && birth->report.session != before->report.session;
    book_.judge("8", fresh && state,
                !birth ? "it did not come back"
                       : fmt::format("a birth of {} session, {}", fresh ? "a new" : "the old",
                                     state ? "a state" : "no state"));
    return {};
  }

  void manners() {
    const std::string wrong = observer_.wrong_publish();
    book_.judge("9a", wrong.empty(), wrong.empty() ? "all of them" : wrong);
    const std::string unreadable = observer_.unreadable_publish();
    book_.judge("9b", unreadable.empty(), unreadable.empty() ? "all of them" : unreadable);
  }

  Result<void> say_alive() {
    instance_ = to_string(random_uuid());
    return server_.say_alive(instance_, options_.spread_s);
  }

  /// As it said last.
  [[nodiscard]] std::optional<std::string> running_now() const {
    const auto state = observer_.last(0);
    return state ? state->running : std::nullopt;
  }

  [[nodiscard]] milliseconds spread() const {
    return std::chrono::seconds(options_.spread_s) + spread_grace;
  }

  const CheckOptions& options_;
  const DeviceCredentials& device_;
  Tap& tap_;
  Observer observer_;
  ServerSide& server_;
  RuleBook& book_;
  ActionConversation actions_;
  std::string instance_;
  CheckTarget target_{.epoch = first_epoch, .seq = first_seq, .commit = commit('a')};
};

}  // namespace

Result<void> converse(const ConversationParts& parts,
                      const std::function<Result<void>()>& start_device) {
  Conversation conversation(parts);
  if (auto ready = conversation.prepare(); !ready) return ready;
  if (auto started = start_device(); !started) return started;
  return conversation.hold();
}

}  // namespace muster::agent
