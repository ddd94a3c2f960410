#include "core/domain/check/transition.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "core/domain/check/rules.h"
#include "core/domain/decide/access.h"

namespace muster {
namespace {

TransitionFinding finding(TransitionFault fault, std::string what) {
  return {.fault = fault, .what = std::move(what)};
}

/// Whoever asks for something is there, and can log in.
std::optional<TransitionFinding> check_actor(const State& state, const Recorded& recorded) {
  const EventMeta& meta = recorded.meta;
  if (meta.actor.user == UserId{}) return std::nullopt;
  const User* user = state.find(meta.actor.user);
  const Token* token = state.find(meta.actor.token);
  if (user == nullptr || token == nullptr || token->user != user->id) {
    return finding(
        TransitionFault::not_the_actors,
        fmt::format("user {} had no token {}", meta.actor.user.value(), meta.actor.token.value()));
  }
  if (const auto asker = asker_of(*user, *token, meta.at); !asker) {
    return finding(TransitionFault::not_the_actors, asker.error().rule);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(TransitionFault fault) noexcept {
  switch (fault) {
    case TransitionFault::torn_command:
      return "torn-command";
    case TransitionFault::time_goes_back:
      return "time-goes-back";
    case TransitionFault::wrong_cause:
      return "wrong-cause";
    case TransitionFault::not_the_actors:
      return "not-the-actors";
    case TransitionFault::id_not_next:
      return "id-not-next";
    case TransitionFault::unknown_entity:
      return "unknown-entity";
    case TransitionFault::name_taken:
      return "name-taken";
    case TransitionFault::wrong_before:
      return "wrong-before";
    case TransitionFault::not_possible:
      return "not-possible";
  }
  return "unknown";
}

std::optional<TransitionFinding> TransitionCheck::next(const State& state,
                                                       const Recorded& recorded) {
  auto found = check_envelope(state, recorded);
  before_ = recorded.meta;
  last_ = recorded.sequence;
  auto about_it = std::visit(
      [&](const auto& event) { return check::check(state, recorded, event); }, recorded.event);
  // What makes the event void is told before anything else.
  if (about_it && (about_it->is_void() || !found)) return about_it;
  return found;
}

std::optional<TransitionFinding> TransitionCheck::end() const {
  if (before_.index + 1 == before_.count) return std::nullopt;
  return finding(TransitionFault::torn_command,
                 fmt::format("the last command has {} events, and {} are there", before_.count,
                             before_.index + 1));
}

bool TransitionCheck::continues_command(const EventMeta& meta) const {
  if (before_.index + 1 == before_.count) return meta.index == 0;
  return meta.index == before_.index + 1 && meta.count == before_.count &&
         meta.command == before_.command && meta.actor == before_.actor && meta.at == before_.at;
}

std::optional<TransitionFinding> TransitionCheck::check_envelope(const State& state,
                                                                 const Recorded& recorded) const {
  const EventMeta& meta = recorded.meta;
  if (!continues_command(meta)) {
    return finding(TransitionFault::torn_command,
                   fmt::format("it is event {} of {} of its command, after event {} of {}",
                               meta.index + 1, meta.count, before_.index + 1, before_.count));
  }
  if (last_ != Sequence{} && meta.at < before_.at) {
    return finding(TransitionFault::time_goes_back,
                   fmt::format("it is of {}, the event before it of {}", to_rfc3339(meta.at),
                               to_rfc3339(before_.at)));
  }
  if (std::ranges::any_of(meta.causes, [&](Sequence cause) {
        return cause == Sequence{} || cause >= recorded.sequence;
      })) {
    return finding(TransitionFault::wrong_cause, "a cause that it names comes after it");
  }
  return meta.index == 0 ? check_actor(state, recorded) : std::nullopt;
}

}  // namespace muster
