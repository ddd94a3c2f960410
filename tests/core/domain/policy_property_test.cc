#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <map>
#include <string>
#include <vector>

#include "tests/core/domain/naive_model.h"
#include "tests/core/domain/random_command.h"
#include "tests/support/domain_text.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Random sequences of commands, through decide and evolve, against the naive model.

template <>
struct rc::Arbitrary<Draw> {
  static Gen<Draw> arbitrary() {
    const auto byte = gen::inRange<std::uint8_t>(0, 255);
    return gen::build<Draw>(
        gen::set(&Draw::what, gen::inRange<std::uint8_t>(0, 18)),
        gen::set(&Draw::dice, gen::container<std::array<std::uint8_t, 8>>(byte)));
  }
};

namespace {

std::uint32_t number(const std::optional<ReleaseId>& id) { return id ? id->value() : 0; }

/// The code under test and the model, side by side.
class Pair {
 public:
  Pair() {
    prepare(world);
    for (const Fleet& fleet : world.state().fleets()) model.fleets[fleet.id.value()] = {};
  }

  void run(const Draw& draw) {
    const Drawn drawn = draw_command(world, draw);
    const Decision decided = world.decision(drawn.body, drawn.how);
    history += fmt::format("{}\n", text_of(decided));
    if (!decided) {
      const Rejection& refused = decided.error();
      expect(!refused.entity.empty() && !refused.rule.empty() && !refused.remedy.empty(),
             "a refusal says what and why");
      return;
    }
    for (const Event& event : *decided) take(event);
    model.settle();
    compare_targets();
    compare_counts();
    check_rules();
    if (drawn.repeatable && !decided->empty()) {
      // What was done fits its verb no more, so a short name may mean several by now.
      const std::string again = world.when(drawn.body, drawn.how);
      expect(again == "nothing" || again == "refused: ambiguous-release",
             "once more changes nothing");
    }
  }

  World world;
  NaiveModel model;
  std::string history;
  std::map<std::string, int> seen;  // Names of events, and causes of changes of targets.

 private:
  void expect(bool holds, const std::string& what) const {
    if (holds) return;
    RC_LOG() << history;
    RC_FAIL(what);
  }

  template <typename T>
  void expect_equal(const T& code, const T& naive, const std::string& what) const {
    expect(code == naive, fmt::format("{}: {} in the code, {} in the model", what, code, naive));
  }

  void take(const Event& event) {
    check_reach(event);
    world.given(event);
    model.see(world.head().value(), event);
    ++seen[std::string(name_of(event))];
    if (const auto* moved = std::get_if<FleetTargetChanged>(&event)) {
      ++seen[fmt::format("cause {}", static_cast<int>(moved->cause))];
    }
    for (const Device& device : world.state().devices()) {
      expect_equal(target_in(world.state(), device).changed.sequence.value(),
                   model.devices.at(device.id.value()).seq,
                   fmt::format("seq of device {} after {}", device.id.value(), text_of(event)));
    }
  }

  void check_reach(const Event& event) const {
    const auto check = [&](FleetId fleet, const Reach& reach) {
      const std::uint32_t pinned = model.pinned_in(fleet.value());
      expect_equal(reach.pinned, pinned, "pinned devices reached");
      expect_equal(reach.following, model.devices_in(fleet.value()) - pinned, "following devices");
    };
    if (const auto* e = std::get_if<FleetPinned>(&event)) check(e->fleet, e->reach);
    if (const auto* e = std::get_if<FleetTrackingLatest>(&event)) check(e->fleet, e->reach);
  }

  void compare_targets() const {
    for (const Fleet& fleet : world.state().fleets()) {
      expect_equal(number(fleet.target), model.fleets.at(fleet.id.value()).target.value_or(0),
                   fmt::format("target of fleet {}", fleet.id.value()));
    }
    for (const Device& device : world.state().devices()) {
      const Release* release = target_in(world.state(), device).release;
      expect_equal(release == nullptr ? 0 : release->id.value(),
                   model.target_of(device.id.value()).value_or(0),
                   fmt::format("target of device {}", device.id.value()));
    }
  }

  void compare_counts() const {
    for (const Fleet& fleet : world.state().fleets()) {
      expect_equal(fleet.devices, model.devices_in(fleet.id.value()), "devices of a fleet");
      expect_equal(fleet.pinned_devices, model.pinned_in(fleet.id.value()), "pinned in a fleet");
    }
    for (const Release& release : world.state().releases()) {
      expect_equal(release.pinned_devices, model.pinned_to(release.id.value()), "pinned to it");
    }
  }

  /// What must be true at every moment, whatever was asked.
  void check_rules() const {
    std::map<std::string, int> successes;
    std::map<std::string, int> revisions;
    for (const auto& [id, release] : model.releases) {
      const std::string key = fmt::format("{} {}", release.fleet, release.commit);
      if (release.success && !release.deleted) ++successes[key];
      if (!release.revision) continue;
      ++revisions[fmt::format("{} {} {}", release.fleet, release.semver, *release.revision)];
    }
    for (const auto& [key, count] : successes) expect(count == 1, "one success: " + key);
    for (const auto& [key, count] : revisions) expect(count == 1, "one revision: " + key);
    for (const auto& [id, device] : model.devices) {
      const auto target = model.target_of(id);
      if (!target) continue;
      const auto& release = model.releases.at(*target);
      expect(release.fleet == device.fleet, "a target is of the device's fleet");
      expect(release.success && !release.deleted, "a target is a success and not deleted");
    }
  }
};

}  // namespace

TEST_CASE("property: targets, their seq and all counts are those of the naive model") {
  std::map<std::string, int> seen;
  const auto property = [&] {
    // Long enough for a fleet to have a history; rapidcheck's own lists end at 100.
    const auto draws = *rc::gen::scale(6.0, rc::gen::arbitrary<std::vector<Draw>>());
    Pair pair;
    for (const Draw& draw : draws) pair.run(draw);
    for (const auto& [what, count] : pair.seen) seen[what] += count;
  };
  CHECK(rc::check("targets are as in the naive model", property));
  // A property that never gets anywhere would hold as well.
  for (const std::string what :
       {"FleetPinned", "FleetTrackingLatest", "ReleaseFinished", "ReleaseFinalized",
        "ReleaseInvalidated", "ReleaseValidated", "ReleaseDeleted", "DeviceRegistered",
        "DevicePinned", "DeviceTrackingFleet", "cause 1", "cause 2", "cause 3", "cause 4"}) {
    CAPTURE(what);
    CHECK(seen[what] > 0);
  }
}
