#include "tools/audit/verify/replay.h"

#include <fmt/format.h>

#include <utility>

#include "core/domain/evolve.h"

namespace muster::audit {
namespace {

std::string kind_of(TransitionFault fault) {
  return fmt::format("transition/{}", to_string(fault));
}

}  // namespace

void Replay::stop_at(Sequence at, std::function<void(const State&)> look) {
  at_ = at;
  look_ = std::move(look);
}

void Replay::take(std::span<const Recorded> events) {
  for (const Recorded& recorded : events) {
    const auto wrong = check_.next(state_, recorded);
    if (wrong) {
      findings_.add({kind_of(wrong->fault), recorded.sequence.value(),
                     fmt::format("{}: {}", name_of(recorded.event), wrong->what)});
    }
    if (!wrong || !wrong->is_void()) evolve(state_, recorded);
    note_era(recorded);
    last_ = recorded.sequence;
    if (look_ && last_ == at_) std::exchange(look_, nullptr)(state_);
  }
}

void Replay::note_era(const Recorded& recorded) {
  std::uint64_t epoch = 0;
  if (const auto* created = std::get_if<LogCreated>(&recorded.event)) {
    epoch = created->epoch;
  } else if (const auto* restored = std::get_if<LogRestored>(&recorded.event)) {
    epoch = restored->epoch;
    const std::uint64_t before = eras_.empty() ? 0 : eras_.back().epoch;
    if (restored->previous != before) {
      findings_.add(
          {kind_of(TransitionFault::wrong_before), recorded.sequence.value(),
           fmt::format("LogRestored: the epoch was {}, not {}", before, restored->previous)});
    }
  } else {
    return;
  }
  eras_.push_back({.first = recorded.sequence, .epoch = epoch});
}

void Replay::end() {
  if (const auto wrong = check_.end()) {
    findings_.add({kind_of(wrong->fault), last_.value(), wrong->what});
  }
}

}  // namespace muster::audit
