#include "broker-bridge/reconcile/repairs.h"

#include <doctest/doctest.h>

#include <set>

#include "broker-bridge/channel/topic.h"

namespace muster {
namespace {

Findings devices(std::uint32_t count) {
  Findings findings;
  for (std::uint32_t id = 1; id <= count; ++id) findings.publish.emplace_back(id);
  return findings;
}

}  // namespace

TEST_CASE("repairs: nothing found is nothing to do") {
  Repairs repairs;
  CHECK(repairs.done());
  CHECK_FALSE(repairs.next_device().has_value());
  CHECK_FALSE(repairs.next_topic().has_value());
}

TEST_CASE("repairs: every device is handed out once, and done only when the broker has it") {
  Repairs repairs(devices(3));
  std::set<DeviceId> given;
  while (const auto device = repairs.next_device()) given.insert(*device);
  CHECK(given.size() == 3);
  for (const DeviceId device : given) {
    CHECK_FALSE(repairs.done());
    CHECK(repairs.takes(device));
    CHECK_FALSE(repairs.done());
    repairs.published(device);
  }
  CHECK(repairs.done());
}

TEST_CASE("repairs: a device that was not handed out, or was taken already, is not forced") {
  Repairs repairs(devices(1));
  CHECK_FALSE(repairs.takes(DeviceId{1}));
  REQUIRE(repairs.next_device().has_value());
  CHECK_FALSE(repairs.takes(DeviceId{2}));
  CHECK(repairs.takes(DeviceId{1}));
  CHECK_FALSE(repairs.takes(DeviceId{1}));
}

TEST_CASE("repairs: devices come in portions; the next comes when one was taken") {
  Repairs repairs(devices(10'000));
  std::size_t given = 0;
  while (repairs.next_device()) ++given;
  CHECK(given < 10'000);
  CHECK(repairs.takes(DeviceId{1}));
  CHECK(repairs.next_device().has_value());
  CHECK_FALSE(repairs.next_device().has_value());
}

TEST_CASE("repairs: topics are cleared a few at a time, those of devices and all others") {
  Findings findings;
  const Uuid gone = *parse_uuid("0123456789abcdef0123456789abcdef");
  findings.clear.push_back(gone);
  for (std::size_t i = 0; i < Repairs::clears_in_flight_max; ++i) {
    findings.clear_also.push_back("muster/v1/d/nobody/target");
  }
  Repairs repairs(std::move(findings));
  CHECK(repairs.next_topic() == target_topic(gone));
  for (std::size_t i = 1; i < Repairs::clears_in_flight_max; ++i) {
    CHECK(repairs.next_topic().has_value());
  }
  CHECK_FALSE(repairs.next_topic().has_value());
  repairs.cleared();
  CHECK(repairs.next_topic().has_value());
  CHECK_FALSE(repairs.done());
  while (repairs.clears_in_flight() > 0) repairs.cleared();
  CHECK(repairs.done());
}

}  // namespace muster
