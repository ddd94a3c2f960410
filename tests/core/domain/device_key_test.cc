#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// What a device's MQTT password is signed for: a generation, and from which one on it is good.

namespace {

struct Keys {
  World world;
  FleetId fleet = world.fleet("thermo");
  DeviceId device = world.device(fleet);
  const std::string uuid = uuid_text(device);

  [[nodiscard]] Sequence newest() const { return world.of(device).key_generation; }
  [[nodiscard]] Sequence minimum() const { return world.of(device).key_minimum; }
  std::string born_with(Sequence generation) {
    return world.perform(RetireDeviceKeys{world.of(device).uuid, generation}, {.by = Actor{}});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Keys, "device key: the first one is of the event that registered the device") {
  CHECK(newest() == world.head());
  CHECK(minimum() == newest());
}

TEST_CASE_FIXTURE(Keys, "device key: a new one leaves the old ones good until the first birth") {
  const Sequence first = newest();
  CHECK(world.perform(RotateDeviceKey{uuid, false}) ==
        fmt::format("DeviceKeyRotated 1 was={}", first.value()));
  CHECK(newest() == world.head());
  CHECK(minimum() == first);
  CHECK(world.of(device).version == newest());

  const Sequence second = newest();
  CHECK(born_with(second) == fmt::format("DeviceKeyRetired 1 generation={}", second.value()));
  CHECK(minimum() == second);
  CHECK(newest() == second);
  CHECK(world.of(device).version == second);  // A report of the device, not a wish.
}

TEST_CASE_FIXTURE(Keys, "device key: only a birth with the newest key retires, and only once") {
  const Sequence first = newest();
  world.perform(RotateDeviceKey{uuid, false});
  const Sequence second = newest();
  world.perform(RotateDeviceKey{uuid, false});
  CHECK(born_with(first) == "nothing");
  CHECK(born_with(second) == "nothing");
  CHECK(minimum() == first);
  born_with(newest());
  CHECK(minimum() == newest());
  CHECK(born_with(newest()) == "nothing");
}

TEST_CASE_FIXTURE(Keys, "device key: at once, the old ones are refused from that event on") {
  const Sequence first = newest();
  CHECK(world.perform(RotateDeviceKey{uuid, true}) ==
        fmt::format("DeviceKeyRotated 1 was={} at-once", first.value()));
  CHECK(minimum() == newest());
  CHECK(born_with(newest()) == "nothing");
}

TEST_CASE_FIXTURE(Keys, "device key: operators rotate; observers and strangers do not") {
  const Actor observer = world.user("observer");
  world.member(fleet, observer, Role::observer);
  const Actor worker = world.user("worker");
  world.member(fleet, worker, Role::fleet_operator);
  const Actor stranger = world.user("stranger");
  const RotateDeviceKey rotate{uuid, false};
  CHECK(world.when(rotate, {.by = observer}) == "refused: not-allowed");
  CHECK(world.when(rotate, {.by = stranger}) == "refused: unknown-device");
  CHECK(world.when(rotate, {.by = worker}).starts_with("DeviceKeyRotated"));
}

TEST_CASE_FIXTURE(Keys, "device key: what is wrong is refused") {
  CHECK(world.when(RotateDeviceKey{"1", false}) == "refused: invalid-uuid");
  CHECK(world.when(RotateDeviceKey{uuid_text(9), false}) == "refused: unknown-device");
  CHECK(world.when(RotateDeviceKey{uuid, false}, {.version = 1}) == "refused: stale-version");
  const RetireDeviceKeys birth{world.of(device).uuid, newest()};
  CHECK(world.when(birth) == "refused: not-allowed");
  CHECK(world.when(RetireDeviceKeys{*parse_uuid(uuid_text(9)), newest()}, {.by = Actor{}}) ==
        "refused: unknown-device");
}
