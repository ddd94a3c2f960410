#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/domain/decide/rejection.h"
#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A fleet on release 2 with devices 1 to 3, of which 3 is pinned to release 1; release 3 is a
/// draft. Device 4 is of another fleet, which has release 4.
struct Devices {
  World world;
  FleetId fleet = world.fleet("thermo");
  FleetId second = world.fleet("second");
  ReleaseId old = world.release(fleet, {.commit = commit("a")});
  ReleaseId current = world.release(fleet, {.commit = commit("b"), .revision = 1});
  ReleaseId draft = world.release(fleet, {.commit = commit("d"), .revision = {}});
  ReleaseId foreign = world.release(second, {.commit = commit("f")});

  Devices() {
    world.targets(fleet, current);
    for (int i = 0; i < 3; ++i) world.device(fleet);
    world.device(second);
    world.pinned(DeviceId{3}, old);
  }
};

std::vector<std::string> uuids(const std::vector<std::uint32_t>& numbers) {
  std::vector<std::string> texts;
  texts.reserve(numbers.size());
  for (const std::uint32_t number : numbers) texts.push_back(uuid_text(number));
  return texts;
}

PinDevices pin(const std::vector<std::uint32_t>& devices, const std::string& release) {
  return PinDevices{uuids(devices), release};
}

TrackFleet track(const std::vector<std::uint32_t>& devices) { return TrackFleet{uuids(devices)}; }

}  // namespace

TEST_CASE_FIXTURE(Devices, "device pin: one, and several in the order they are named") {
  CHECK(world.when(pin({1}, "id:1")) == "DevicePinned 1 release=1 was=-");
  CHECK(world.when(pin({2, 1}, "id:1")) ==
        "DevicePinned 2 release=1 was=-; DevicePinned 1 release=1 was=-");
  CHECK(world.when(pin({3}, "id:2")) == "DevicePinned 3 release=2 was=1");
}

TEST_CASE_FIXTURE(Devices, "device pin: a whole commit is meant before all other names") {
  world.release(second, {.commit = commit("a")});                                    // 5
  world.release(fleet, {.commit = commit("e"), .status = ReleaseStatus::failed});    // 6
  world.release(fleet, {.commit = commit("e"), .status = ReleaseStatus::success});   // 7
  world.release(fleet, {.commit = "1234567", .status = ReleaseStatus::failed});      // 8
  world.release(fleet, {.commit = "1234567000", .status = ReleaseStatus::success});  // 9
  CHECK(world.when(pin({1}, commit("a"))) == "DevicePinned 1 release=1 was=-");
  CHECK(world.when(pin({4}, commit("a"))) == "DevicePinned 4 release=5 was=-");
  CHECK(world.when(pin({1}, commit("e"))) == "DevicePinned 1 release=7 was=-");
  CHECK(world.when(pin({1}, "1234567")) == "DevicePinned 1 release=9 was=-");
  CHECK(world.when(InvalidateRelease{{"acme/thermo", "1234567"}}, {.reason = "bad"}) ==
        "ReleaseInvalidated 9 bad; FleetTargetChanged 1 from=2 to=7 release-ineligible");
  world.given(ReleaseDeleted{ReleaseId{7}});
  CHECK(world.when(pin({1}, commit("e"))) == "refused: release-not-success");
}

TEST_CASE_FIXTURE(Devices, "device pin: the last pin of a command says how many follow") {
  const auto reach_of = [](const Event& event) {
    const auto* pin = std::get_if<DevicePinned>(&event);
    return pin != nullptr ? pin->reach : std::get<DeviceTrackingFleet>(event).reach;
  };
  const auto told = [&](CommandBody body) {
    const auto events = world.decision(std::move(body)).value();
    for (std::size_t i = 0; i + 1 < events.size(); ++i) CHECK(!reach_of(events[i]));
    const auto reach = reach_of(events.back());
    REQUIRE(reach);
    return fmt::format("{} follow, {} pinned", reach->following, reach->pinned);
  };
  CHECK(told(pin({1}, "id:1")) == "1 follow, 2 pinned");
  CHECK(told(pin({1, 2}, "id:1")) == "0 follow, 3 pinned");
  CHECK(told(pin({3}, "id:2")) == "2 follow, 1 pinned");
  CHECK(told(track({3})) == "3 follow, 0 pinned");
}

TEST_CASE_FIXTURE(Devices, "device pin: a pin to what the fleet targets is a pin like any other") {
  CHECK(world.perform(pin({1}, "id:2")) == "DevicePinned 1 release=2 was=-");
  CHECK(world.target(DeviceId{1}).pinned);
  world.pinned(fleet, old);
  CHECK(world.target(DeviceId{1}).release->id == current);
}

TEST_CASE_FIXTURE(Devices, "device pin: a draft may be pinned, and is not asked about") {
  CHECK(world.when(pin({1}, "id:3")) == "DevicePinned 1 release=3 was=-");
}

TEST_CASE_FIXTURE(Devices, "device pin: those pinned there already are passed over") {
  CHECK(world.when(pin({3}, "id:1")) == "nothing");
  CHECK(world.when(pin({3, 1}, "id:1")) == "DevicePinned 1 release=1 was=-");
}

TEST_CASE_FIXTURE(Devices, "device pin: a device named twice is pinned once and counted once") {
  CHECK(world.when(pin({1, 1, 2, 1}, "id:1"), {.count = 2}) ==
        "DevicePinned 1 release=1 was=-; DevicePinned 2 release=1 was=-");
}

TEST_CASE_FIXTURE(Devices, "device pin: all or nothing") {
  CHECK(world.when(pin({1, 9}, "id:1")) == "refused: unknown-device");
  CHECK(world.when(PinDevices{{uuid_text(1), "abc"}, "id:1"}) == "refused: invalid-uuid");
  CHECK(world.when(pin({1, 2}, "id:9")) == "refused: unknown-release");
  CHECK(world.when(pin({1, 2}, "id:4")) == "refused: release-of-other-fleet");
  world.given(ReleaseInvalidated{old, "bad"});
  CHECK(world.when(pin({1, 2}, "id:1")) == "refused: release-invalidated");
}

TEST_CASE_FIXTURE(Devices, "device pin: a selection over several fleets is refused, naming them") {
  CHECK(world.when(pin({1, 4}, "id:1")) == "refused: several-fleets");
  const auto refused = world.decision(pin({1, 4, 2}, "id:1"));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().candidates == std::vector<std::string>{"acme/thermo", "acme/second"});
  CHECK(world.when(track({3, 4})) == "DeviceTrackingFleet 3 was=1");
}

TEST_CASE_FIXTURE(Devices, "device pin: an empty selection is an error, and so is one too large") {
  const std::vector<std::string> many(selection_size_max + 1, uuid_text(1));
  const std::vector<std::string> most(selection_size_max, uuid_text(1));
  CHECK(world.when(PinDevices{{}, "id:1"}) == "refused: empty-selection");
  CHECK(world.when(TrackFleet{{}}) == "refused: empty-selection");
  CHECK(world.when(PinDevices{many, "id:1"}) == "refused: selection-too-large");
  CHECK(world.when(TrackFleet{many}) == "refused: selection-too-large");
  CHECK(world.when(PinDevices{most, "id:1"}) == "DevicePinned 1 release=1 was=-");
}

TEST_CASE_FIXTURE(Devices, "device pin: expected version and count hold, or refuse") {
  const std::uint64_t version = world.of(DeviceId{1}).version.value();
  CHECK(world.when(pin({1}, "id:1"), {.version = version + 1}) == "refused: stale-version");
  CHECK(world.when(pin({1}, "id:1"), {.version = version}) == "DevicePinned 1 release=1 was=-");
  CHECK(world.when(pin({1, 1}, "id:1"), {.version = version}) == "DevicePinned 1 release=1 was=-");
  CHECK(world.when(pin({1, 2}, "id:1"), {.version = version}) == "refused: invalid-field");
  CHECK(world.when(pin({1, 2}, "id:1"), {.count = 3}) == "refused: count-mismatch");
  CHECK(world.when(track({3}), {.version = 1}) == "refused: stale-version");
  CHECK(world.when(track({3}), {.count = 2}) == "refused: count-mismatch");
}

TEST_CASE_FIXTURE(Devices, "device track: the pin is gone and the fleet's target counts again") {
  CHECK(world.perform(track({3})) == "DeviceTrackingFleet 3 was=1");
  CHECK(world.target(DeviceId{3}).release->id == current);
  CHECK_FALSE(world.target(DeviceId{3}).pinned);
  CHECK(world.when(track({3})) == "nothing");
}

TEST_CASE_FIXTURE(Devices, "device track: a list, and those that follow already are passed over") {
  world.pinned(DeviceId{1}, draft);
  CHECK(world.when(track({1, 2, 3})) == "DeviceTrackingFleet 1 was=3; DeviceTrackingFleet 3 was=1");
}

TEST_CASE_FIXTURE(Devices, "device track: all or nothing") {
  CHECK(world.when(track({3, 9})) == "refused: unknown-device");
}

TEST_CASE_FIXTURE(Devices, "device pin: fleet and release know how many devices are pinned") {
  CHECK(world.of(fleet).devices == 3);
  CHECK(world.of(fleet).pinned_devices == 1);
  world.perform(pin({1, 2, 3}, "id:2"));
  CHECK(world.of(fleet).pinned_devices == 3);
  CHECK(world.of(old).pinned_devices == 0);
  CHECK(world.of(current).pinned_devices == 3);
  world.perform(track({1, 3}));
  CHECK(world.of(fleet).pinned_devices == 1);
  CHECK(world.of(current).pinned_devices == 1);
}

TEST_CASE_FIXTURE(Devices, "device pin: a pin outlives the invalidation of its release") {
  CHECK(world.perform(InvalidateRelease{{"acme/thermo", "id:1"}}, {.reason = "bad"}) ==
        "ReleaseInvalidated 1 bad");
  CHECK(world.target(DeviceId{3}).release->id == old);
}
