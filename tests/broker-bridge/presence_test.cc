#include "broker-bridge/presence.h"

#include <doctest/doctest.h>

#include <string>

namespace muster {
namespace {

using namespace std::chrono_literals;

struct Table {
  PresenceTable table;
  DeviceId device{3};
  Timestamp now{std::chrono::seconds{1'700'000'000}};

  Table() { table.restart(now, 40s); }

  void born(const std::string& session, const std::string& boot = "b") {
    table.born(device, session, boot, now);
  }
  [[nodiscard]] Presence presence() const { return table.look(device, now).presence; }
  [[nodiscard]] bool cloned() const { return table.look(device, now).cloned; }
};

}  // namespace

TEST_CASE("presence: unknown after a start, offline when nothing was heard within the patience") {
  Table given;
  CHECK(given.presence() == Presence::unknown);
  CHECK_FALSE(given.table.look(given.device, given.now).since.has_value());
  given.now += 40s;
  CHECK(given.presence() == Presence::unknown);
  given.now += 1s;
  CHECK(given.presence() == Presence::offline);
  given.born("s1");
  CHECK(given.presence() == Presence::online);
  CHECK(given.table.look(given.device, given.now).since == given.now);
}

TEST_CASE("presence: the will of the session that lives ends it, one of an earlier does not") {
  Table given;
  given.born("s1");
  given.born("s2");
  given.table.left(given.device, "s1", given.now);
  CHECK(given.presence() == Presence::online);
  given.table.left(given.device, "s2", given.now);
  CHECK(given.presence() == Presence::offline);
  given.born("s2");
  CHECK(given.presence() == Presence::online);
}

TEST_CASE("presence: a new start forgets who was there and who was not") {
  Table given;
  given.born("s1");
  given.now += 1h;
  given.table.restart(given.now, 40s);
  CHECK(given.presence() == Presence::unknown);
  given.now += 41s;
  CHECK(given.presence() == Presence::offline);
}

TEST_CASE("presence: a state report counts as being there, unless its device has left") {
  Table given;
  given.table.reported(given.device, ProgressReport{.running = {}, .status = "idle"}, given.now);
  CHECK(given.presence() == Presence::online);
  given.table.left(given.device, "s1", given.now);
  given.table.reported(given.device, ProgressReport{.running = {}, .status = "idle"}, given.now);
  CHECK(given.presence() == Presence::online);
}

TEST_CASE("presence: a state report that a will overtakes does not bring its device back") {
  Table given;
  given.born("s1");
  given.table.left(given.device, "s1", given.now);
  given.table.reported(given.device, ProgressReport{.running = {}, .status = "done"}, given.now);
  CHECK(given.presence() == Presence::offline);
  CHECK(given.table.look(given.device, given.now).progress->status == "done");
}

TEST_CASE("presence: of all devices at once it says what it says of each") {
  Table given;
  const DeviceId other{7};
  given.born("s1");
  given.table.reported(other, ProgressReport{.running = {}, .status = "locked"}, given.now);
  LiveStates live = given.table.live(given.now);
  REQUIRE(live.devices.size() == 8);
  CHECK(live.devices[3].presence == Presence::online);
  CHECK(live.devices[3].status == ReportStatus::none);
  CHECK(live.devices[7].presence == Presence::online);
  CHECK(live.devices[7].status == ReportStatus::locked);
  CHECK(live.devices[5].presence == Presence::unknown);
  CHECK(live.others.presence == Presence::unknown);
  given.table.left(given.device, "s1", given.now);
  given.now += 41s;
  live = given.table.live(given.now);
  CHECK(live.devices[3].presence == Presence::offline);
  CHECK(live.devices[5].presence == Presence::offline);
  CHECK(live.others.presence == Presence::offline);
  given.table.restart(given.now, 40s);
  live = given.table.live(given.now);
  CHECK(live.devices[7].presence == Presence::unknown);
  CHECK(live.devices[7].status == ReportStatus::locked);
}

TEST_CASE("presence: two boots that take turns show two devices, a boot loop does so too late") {
  Table given;
  for (int i = 0; i < 3; ++i) {
    given.born("a", "boot-a");
    given.born("b", "boot-b");
    given.now += 1s;
  }
  CHECK_FALSE(given.cloned());
  given.born("a", "boot-a");
  CHECK(given.cloned());
  given.now += 61s;
  CHECK_FALSE(given.cloned());
}

TEST_CASE("presence: births again, and those that do not say their boot, are no second device") {
  Table given;
  for (int i = 0; i < 20; ++i) {
    given.born("s", "boot-a");
    given.born("s", "");
  }
  CHECK_FALSE(given.cloned());
}

TEST_CASE("presence: reboots further apart are no second device") {
  Table given;
  for (int i = 0; i < 20; ++i) {
    given.born("s", "boot-" + std::to_string(i));
    given.now += 15s;
  }
  CHECK_FALSE(given.cloned());
}

}  // namespace muster
