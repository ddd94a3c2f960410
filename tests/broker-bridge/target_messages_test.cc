#include "broker-bridge/target_messages.h"

#include <doctest/doctest.h>

#include "tests/support/system.h"
#include "tests/support/temporary_folder.h"

namespace muster::test {
namespace {

/// Devices of all kinds, before the views of a real system.
struct Mixed {
  Mixed() {
    system.follow();
    fleet = system.fleet("thermo");
    first = system.release(fleet, "aa");
    second = system.release(fleet, "bb");
    for (int i = 0; i < 12; ++i) devices.push_back(system.device(fleet));
    const std::string other = system.fleet("second");
    for (int i = 0; i < 3; ++i) devices.push_back(system.device(other));
    for (int i = 0; i < 3; ++i) {
      system.must(
          RegisterDevice{.fleet = fleet, .uuid = random_uuid(), .encoding = Encoding::flatbuffers});
    }
  }

  /// Compares what `messages` makes of every device with what is made of it alone.
  void compare() {
    const Reader reader(system.store());
    messages.read_from(reader);
    reader.each_device({}, [&](const Device& device) {
      const auto targeted = messages.find(device.id);
      REQUIRE(targeted.has_value());
      CHECK(targeted->device.uuid == device.uuid);
      const Fleet its_fleet = *reader.find(device.fleet);
      std::optional<Release> release;
      if (const auto wanted = target_release(device, its_fleet)) release = reader.find(*wanted);
      const Target target = target_of(device, its_fleet, release ? &*release : nullptr);
      CHECK(targeted->target.changed == target.changed);
      CHECK(messages.payload(*targeted) ==
            target_payload(identity, its_fleet, target, device.encoding));
      return true;
    });
    compare_many(reader);
  }

  /// What is read in one pass is what is read one by one, those that are not there too.
  void compare_many(const Reader& reader) {
    std::vector<DeviceId> ids{DeviceId{4'000}};
    reader.each_device({}, [&](const Device& device) {
      ids.insert(ids.begin(), device.id);
      return true;
    });
    const auto many = messages.find_all(ids);
    REQUIRE(many.size() == ids.size());
    CHECK_FALSE(many.back().has_value());
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
      REQUIRE(many[i].has_value());
      CHECK(many[i]->device.id == ids[i]);
      CHECK(messages.payload(*many[i]) == messages.payload(*messages.find(ids[i])));
    }
  }

  TemporaryFolder folder;
  System system{folder.path()};
  LogIdentity identity{.log = system.id, .epoch = System::epoch};
  TargetMessages messages{identity};
  std::string fleet;
  std::string first;
  std::string second;
  std::vector<Uuid> devices;
};

}  // namespace

TEST_CASE("target messages: of many devices each gets the bytes it would get alone") {
  Mixed given;
  given.compare();
  given.system.pin(given.fleet, given.first);
  given.compare();
  given.system.pin(given.devices[0], given.second);
  given.system.pin(given.devices[1], given.first);
  given.compare();
  const std::string draft = given.system.release(given.fleet, "cc", true);
  given.system.pin(given.devices[2], draft);
  given.compare();
  given.system.must(FinalizeRelease{.name = {.fleet = given.fleet, .release = draft}});
  given.system.pin(given.fleet, given.second);
  given.system.device(given.fleet);
  given.compare();
}

TEST_CASE("target messages: nobody is told of a device that is not there") {
  Mixed given;
  const Reader reader(given.system.store());
  given.messages.read_from(reader);
  CHECK_FALSE(given.messages.find(DeviceId{4'000}).has_value());
}

}  // namespace muster::test
