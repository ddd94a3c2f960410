#include "core/domain/lifecycle/settings.h"

#include <doctest/doctest.h>

#include <chrono>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

struct Settings {
  World world;
  FleetId fleet = world.fleet("thermo");
  DeviceId first = world.device(fleet);
  DeviceId second = world.device(fleet);

  [[nodiscard]] bool has_url(DeviceId device) const {
    return world.target(device).settings.public_url;
  }
  [[nodiscard]] std::uint64_t seq(DeviceId device) const {
    return world.target(device).changed.sequence.value();
  }
  [[nodiscard]] Timestamp in(int hours) const { return world.now() + std::chrono::hours{hours}; }
  void runs(DeviceId device, OsVariant variant, const std::string& agent) {
    world.given(DeviceSoftwareChanged{device, "2.12.0", variant, agent});
  }
};

SetPublicUrl url_of(DeviceId device, bool enabled) {
  return {.devices = {uuid_text(device)}, .selected = {}, .enabled = enabled};
}
SetLockOverride override_of(DeviceId device, bool enabled, bool keep = false) {
  return {.devices = {uuid_text(device)}, .selected = {}, .enabled = enabled, .keep = keep};
}
SetLocalMode local_mode_of(DeviceId device, bool enabled) {
  return {.devices = {uuid_text(device)}, .selected = {}, .enabled = enabled};
}

}  // namespace

TEST_CASE_FIXTURE(Settings, "public url: of one device, and again nothing happens") {
  CHECK(world.perform(url_of(first, true)) == "DevicePublicUrlSet 1 on");
  CHECK(world.perform(url_of(first, true)) == "nothing");
  CHECK(has_url(first));
  CHECK_FALSE(has_url(second));
  CHECK(seq(first) == world.head().value());
  CHECK(world.of(fleet).public_urls == 1);
}

TEST_CASE_FIXTURE(Settings, "public url: a whole fleet is one event, for those in it now") {
  CHECK(world.perform(SetFleetPublicUrls{"acme/thermo", true}) ==
        "FleetPublicUrlsSet 1 on devices=2");
  const DeviceId later = world.device(fleet);
  CHECK(has_url(first));
  CHECK(has_url(second));
  CHECK_FALSE(has_url(later));
  CHECK(world.of(fleet).public_urls == 2);
  // The later one differs, so it is not done already.
  CHECK(world.perform(SetFleetPublicUrls{"acme/thermo", true}) ==
        "FleetPublicUrlsSet 1 on devices=3");
  CHECK(world.perform(SetFleetPublicUrls{"acme/thermo", true}) == "nothing");
  CHECK(world.perform(url_of(first, false)) == "DevicePublicUrlSet 1 off");
  CHECK_FALSE(has_url(first));
  CHECK(has_url(later));
}

TEST_CASE_FIXTURE(Settings, "public url: the seq rises only where the fleet changed something") {
  world.perform(url_of(first, true));
  const auto before = seq(first);
  world.perform(SetFleetPublicUrls{"acme/thermo", true});
  const auto on = world.head().value();
  CHECK(seq(first) == before);  // It was on already.
  CHECK(seq(second) == on);
  const DeviceId later = world.device(fleet);
  world.perform(SetFleetPublicUrls{"acme/thermo", true});
  const auto again = world.head().value();
  CHECK(seq(first) == before);
  CHECK(seq(second) == on);
  CHECK(seq(later) == again);
  world.perform(SetFleetPublicUrls{"acme/thermo", false});
  for (const DeviceId device : {first, second, later}) {
    CHECK(seq(device) == world.head().value());
    CHECK_FALSE(has_url(device));
  }
}

TEST_CASE_FIXTURE(Settings, "public url: any number of changes of a fleet is kept in few stamps") {
  for (int i = 0; i < 300; ++i) {
    world.given(FleetPublicUrlsSet{fleet, true, 2});
    const DeviceId device = world.device(fleet);
    CHECK_FALSE(has_url(device));
    CHECK(has_url(first));
    CHECK(world.of(fleet).url_stamps.size() <= 65);
  }
}

TEST_CASE_FIXTURE(Settings, "lock override: needs an agent of 1.1.0, if it is known") {
  CHECK(world.perform(override_of(first, true)) == "DeviceLockOverrideSet 1 on");
  runs(second, OsVariant::production, "1.0.9");
  CHECK(world.when(override_of(second, true)) == "refused: not-applicable");
  const SetLockOverride both{.devices = {uuid_text(first), uuid_text(second)},
                             .selected = {},
                             .enabled = true,
                             .keep = true,
                             .skip_inapplicable = true};
  CHECK(world.when(both) ==
        "DeviceLockOverrideSet 1 on keep; DeviceSettingSkipped 2 setting=lock-override "
        "why=agent-too-old");
  SetLockOverride strict = both;
  strict.skip_inapplicable = false;
  CHECK(world.when(strict) == "refused: not-applicable");
}

TEST_CASE_FIXTURE(Settings, "lock override: is over when its target is done, unless it is kept") {
  world.perform(override_of(first, true));
  const Uuid uuid = world.of(first).uuid;
  const auto done = [&](std::uint64_t seq) {
    ReportDevice report{.device = uuid};
    report.target_done = Sequence{seq};
    return report;
  };
  const How device{.by = Actor{}};
  CHECK(world.when(done(seq(first) - 1), device) == "nothing");
  const auto target = seq(first);
  CHECK(world.perform(done(target), device) ==
        "DeviceLockOverrideSet 1 off done=" + std::to_string(target));
  CHECK_FALSE(world.target(first).settings.lock_override);
  world.perform(override_of(first, true, true));
  CHECK(world.when(done(seq(first)), device) == "nothing");
}

TEST_CASE_FIXTURE(Settings, "local mode: only with a development variant of the OS that is known") {
  CHECK(world.when(local_mode_of(first, true)) == "refused: not-applicable");
  runs(first, OsVariant::production, "1.1.0");
  CHECK(world.when(local_mode_of(first, true)) == "refused: not-applicable");
  runs(first, OsVariant::development, "1.1.0");
  CHECK(world.perform(local_mode_of(first, true)) == "DeviceLocalModeSet 1 on");
  CHECK(world.target(first).settings.local_mode);
  CHECK(world.perform(local_mode_of(first, false)) == "DeviceLocalModeSet 1 off");
}

TEST_CASE_FIXTURE(Settings, "settings: a deactivated device takes none") {
  world.given(DeviceDeactivated{first, world.acme});
  CHECK(world.when(url_of(first, true)) == "refused: device-not-active");
  CHECK(world.when(override_of(first, true)) == "refused: device-not-active");
  CHECK(world.when(GrantDeviceSupport{{uuid_text(first)}, {}, in(1)}) ==
        "refused: device-not-active");
}

TEST_CASE_FIXTURE(Settings, "support: the later of both ends counts, and each is revoked alone") {
  CHECK(world.perform(GrantDeviceSupport{{uuid_text(first)}, {}, in(2)}) ==
        "DeviceSupportGranted 1");
  const Timestamp own = world.of(first).support_until;
  const Timestamp longer = in(5);
  CHECK(world.perform(GrantFleetSupport{"acme/thermo", longer}) == "FleetSupportGranted 1");
  CHECK(world.target(first).settings.support_until == longer);
  CHECK(world.target(second).settings.support_until == longer);
  CHECK(world.target(world.device(fleet)).settings.support_until == longer);
  CHECK(world.perform(RevokeFleetSupport{"acme/thermo"}) == "FleetSupportEnded 1 revoked");
  CHECK(world.target(first).settings.support_until == own);
  CHECK(seq(first) == world.head().value());
  CHECK_FALSE(world.target(second).settings.support_until.has_value());
  CHECK(world.perform(RevokeDeviceSupport{{uuid_text(first)}, {}}) ==
        "DeviceSupportEnded 1 revoked");
  CHECK_FALSE(world.target(first).settings.support_until.has_value());
  CHECK(world.when(RevokeFleetSupport{"acme/thermo"}) == "nothing");
}

TEST_CASE_FIXTURE(Settings, "support: a device sees nothing of its fleet's shorter grant") {
  world.perform(GrantDeviceSupport{{uuid_text(first)}, {}, in(9)});
  const auto before = seq(first);
  world.perform(GrantFleetSupport{"acme/thermo", in(5)});
  CHECK(seq(first) == before);
  CHECK(seq(second) == world.head().value());
}

TEST_CASE_FIXTURE(Settings, "support: its end is an event, which changes nothing that is told") {
  CHECK(world.when(GrantFleetSupport{"acme/thermo", world.now()}) == "refused: invalid-field");
  world.perform(GrantFleetSupport{"acme/thermo", in(0) + std::chrono::seconds{30}});
  const auto told = world.target(first);
  const ExpireSupport expire{.devices = {first}, .fleets = {fleet}};
  CHECK(world.when(expire) == "refused: not-allowed");
  CHECK(world.when(expire, {.by = Actor{}}) == "nothing");
  for (int i = 0; i < 40; ++i) world.given(ClockAccepted{});
  CHECK(world.perform(expire, {.by = Actor{}}) == "FleetSupportEnded 1 expired");
  CHECK(world.when(expire, {.by = Actor{}}) == "nothing");
  CHECK(world.target(first).changed == told.changed);
  CHECK(world.target(first).settings == told.settings);
  // Who comes later never had it.
  CHECK_FALSE(world.target(world.device(fleet)).settings.support_until.has_value());
}

TEST_CASE_FIXTURE(Settings, "support: who has the role sees and operates where a grant runs") {
  const Actor helper = world.user("helper", static_cast<std::uint8_t>(InstanceRole::support));
  const How by{.by = helper};
  const auto rename = [](DeviceId device) { return RenameDevice{uuid_text(device), "Hall-7"}; };
  CHECK(world.when(rename(first), by) == "refused: unknown-device");
  world.perform(GrantDeviceSupport{{uuid_text(first)}, {}, in(1)});
  CHECK(world.when(rename(first), by) == "DeviceRenamed 1 Hall-7");
  CHECK(world.when(rename(second), by) == "refused: unknown-device");
  CHECK(world.when(TrackLatest{"acme/thermo"}, by) == "refused: unknown-fleet");
  world.perform(GrantFleetSupport{"acme/thermo", in(1)});
  CHECK(world.when(rename(second), by) == "DeviceRenamed 2 Hall-7");
  CHECK(world.when(TrackLatest{"acme/thermo"}, by) == "refused: not-allowed");
  CHECK(world.when(RevokeFleetSupport{"acme/thermo"}, by) == "refused: not-allowed");
  // Its time is over, whether or not an event said so.
  for (int i = 0; i < 4'000; ++i) world.given(ClockAccepted{});
  CHECK(world.when(rename(first), by) == "refused: unknown-device");
  CHECK(world.when(rename(second), by) == "refused: unknown-device");
}
