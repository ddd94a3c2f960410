// Whatever is repeated, lost or cut short: each action has one effect and one result.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/tools/agent/agent_support.h"
#include "tools/agent/device.h"

namespace muster::agent {

using test::ActionText;

namespace {

/// A device in a world that sees what it does. It may crash between any two of its deeds.
class World {
 public:
  World() { boot(); }

  void publish(std::uint64_t n) {
    if (is_up_) tell(ActionReceived{text(n).json()});
  }
  void cancel(std::uint64_t n) {
    if (is_up_) tell(CancelReceived{text(n).cancel_json()});
  }
  void deliver_acks() {
    if (is_up_) tell(AcksDelivered{});
  }

  void finish_deed() {
    if (!is_up_ || !deed_) return;
    const Action action = std::exchange(deed_, std::nullopt)->action;
    const auto n = action.key.position.n;
    if (action.kind == ActionKind::reboot) {
      ++effects[n];
      crash(true);
      return;
    }
    fresh_for_ = n;  // The services do not run: nobody has seen it yet.
    tell(DeedFinished{});
  }

  /// The power goes, or only the process.
  void crash(bool new_boot) {
    is_up_ = false;
    deed_.reset();
    boots_ += new_boot ? 1 : 0;
  }

  void boot() {
    if (is_up_) return;
    is_up_ = true;
    device_.emplace(saved_, "boot-" + std::to_string(boots_));
    tell(Started{});
    if (is_up_) tell(Connected{});
  }

  /// After this many deeds of the device it crashes. 0: it does not.
  void crash_after(std::uint64_t deeds) { deeds_left_ = deeds; }

  static ActionText text(std::uint64_t n) {
    return {.n = n, .kind = n % 3 == 0 ? "reboot" : n % 3 == 1 ? "restart" : "purge"};
  }

  std::map<std::uint64_t, int> effects;
  std::map<std::uint64_t, AckState> results;
  std::vector<std::uint64_t> order;

 private:
  void tell(const DeviceInput& input) {
    for (const auto& output : device_->handle(input)) {
      if (deeds_left_ == 1) crash(false);
      if (deeds_left_ > 0) --deeds_left_;
      if (!is_up_) return;
      perform(output);
    }
  }

  void perform(const DeviceOutput& output) {
    if (const auto* save = std::get_if<SaveState>(&output)) saved_ = save->state;
    if (const auto* start = std::get_if<StartDeed>(&output)) {
      RC_ASSERT(!deed_);
      deed_ = *start;
    }
    if (std::holds_alternative<RunServices>(output) && fresh_for_) {
      ++effects[*std::exchange(fresh_for_, std::nullopt)];
    }
    if (const auto* publish = std::get_if<PublishAck>(&output)) note(publish->ack);
  }

  void note(const Ack& ack) {
    if (ack.state == AckState::delivered || ack.state == AckState::started) return;
    const auto n = ack.key.position.n;
    constexpr int not_kept = 410;
    if (ack.code == not_kept) {
      RC_ASSERT(results.contains(n));
      return;
    }
    const auto [known, is_new] = results.emplace(n, ack.state);
    RC_ASSERT(known->second == ack.state);
    if (is_new) order.push_back(n);
  }

  static DeviceState first_state() {
    DeviceState state;
    state.running = Release{31, "aa", "1.0.0", R"({"services":{"main":{"command":["x"]}}})"};
    return state;
  }

  DeviceState saved_ = first_state();
  std::optional<Device> device_;
  std::optional<StartDeed> deed_;
  std::optional<std::uint64_t> fresh_for_;
  int boots_ = 0;
  std::uint64_t deeds_left_ = 0;
  bool is_up_ = false;
};

}  // namespace

TEST_CASE("actions: whatever is repeated, lost or cut short, each is done once and in order") {
  const bool holds = rc::check([] {
    std::mt19937_64 random(*rc::gen::arbitrary<std::uint64_t>());
    const auto draw = [&](std::uint64_t below) { return random() % below; };
    World world;
    const auto count = 1 + draw(25);
    for (std::uint64_t n = 1; n <= count; ++n) {
      bool cancelled = false;
      for (int step = 0; !world.results.contains(n); ++step) {
        RC_ASSERT(step < 1'000);
        switch (draw(9)) {
          case 0:
            world.publish(1 + draw(n));  // An old one, late.
            break;
          case 1:
            world.crash_after(1 + draw(5));
            break;
          case 2:
            world.crash(draw(4) == 0 && World::text(n).kind != "reboot");
            break;
          case 3:
            cancelled = cancelled || draw(10) == 0;
            if (cancelled) world.cancel(n);
            break;
          case 4:
            world.deliver_acks();
            break;
          case 5:
            world.boot();
            break;
          case 6:
            world.finish_deed();
            break;
          default:
            world.publish(n);
        }
      }
    }
    world.crash_after(0);
    world.boot();
    RC_ASSERT(std::is_sorted(world.order.begin(), world.order.end()));
    for (const auto& [n, state] : world.results) {
      RC_ASSERT(world.effects[n] == (state == AckState::succeeded ? 1 : 0));
    }
  });
  CHECK(holds);
}

}  // namespace muster::agent
