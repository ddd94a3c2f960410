#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/tools/agent/agent_support.h"
#include "tools/agent/device.h"

namespace muster::agent {

using test::only;
using test::TargetText;

namespace {

/// Runs a device and finishes its steps when told to; remembers what was applied.
class Player {
 public:
  Player() { tell(Started{}); }

  void tell(const DeviceInput& input) {
    auto outputs = device_->handle(input);
    for (const auto& start : only<StartStep>(outputs)) {
      RC_ASSERT(!step_);
      step_ = start;
    }
    for (const auto& save : only<SaveState>(outputs)) saved_ = save.state;
    is_cancelled_ = is_cancelled_ || !only<CancelStep>(outputs).empty();
  }

  void finish_step() {
    if (!step_) return;
    const auto done = *std::exchange(step_, std::nullopt);
    const bool is_abandoned = std::exchange(is_cancelled_, false);
    if (done.kind == StepKind::apply) applied.push_back(std::stoull(done.release.commit));
    tell(StepFinished{is_abandoned ? 143 : 0, ""});
  }

  /// The process ends in the middle of whatever it does, and starts again from what was saved.
  void crash() {
    step_.reset();
    is_cancelled_ = false;
    device_.emplace(saved_, "next boot");
    tell(Started{});
  }

  [[nodiscard]] bool is_busy() const { return step_.has_value(); }
  [[nodiscard]] const DeviceState& saved() const { return saved_; }

  std::vector<std::uint64_t> applied;

 private:
  std::optional<Device> device_{std::in_place, DeviceState{}, "boot"};
  DeviceState saved_;
  std::optional<StartStep> step_;
  bool is_cancelled_ = false;
};

}  // namespace

TEST_CASE("device: whatever the order and repetition of targets, the newest wins for good") {
  const bool holds = rc::check([] {
    const auto count = *rc::gen::inRange<std::uint64_t>(1, 12);
    const auto arrivals = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::uint64_t>>(rc::gen::inRange<std::uint64_t>(0, count)));
    Player player;
    std::uint64_t newest = 0;
    for (const auto n : arrivals) {
      newest = std::max(newest, n);
      // Four sequences an epoch, so that both parts of a position matter; the commit is the order.
      const TargetText text{
          .seq = 100 - 10 * (n / 4) + n % 4, .commit = std::to_string(n), .epoch = 1 + n / 4};
      player.tell(TargetReceived{text.json()});
      const auto finished = *rc::gen::inRange(0, 3);
      for (int i = 0; i < finished; ++i) player.finish_step();
      if (*rc::gen::inRange(0, 8) == 0) player.crash();
    }
    for (int i = 0; player.is_busy(); ++i) {
      RC_ASSERT(i < 10);
      player.finish_step();
    }
    RC_ASSERT(!player.applied.empty());
    RC_ASSERT(player.applied.back() == newest);
    RC_ASSERT(std::is_sorted(player.applied.begin(), player.applied.end()));
    RC_ASSERT(player.saved().running->commit == std::to_string(newest));
  });
  CHECK(holds);
}

}  // namespace muster::agent
