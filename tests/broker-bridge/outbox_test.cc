#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "broker-bridge/target_outbox.h"

namespace muster {
namespace {

/// Devices 1 to `count`; fleet F holds those whose number is 0 modulo F.
struct Outbox {
  explicit Outbox(std::uint32_t devices) : count(devices) {}

  std::uint32_t count;
  TargetOutbox outbox{[this](const Audience& audience, DeviceId after, std::size_t limit) {
    std::vector<DeviceId> ids;
    const auto* fleet = std::get_if<FleetId>(&audience);
    for (std::uint32_t id = after.value() + 1; id <= count && ids.size() < limit; ++id) {
      if (fleet == nullptr || id % fleet->value() == 0) ids.emplace_back(id);
    }
    return ids;
  }};

  /// Sends and acknowledges until there is no more; the devices in the order they were sent to.
  std::vector<std::uint32_t> drain() {
    std::vector<std::uint32_t> sent;
    while (const auto device = outbox.next()) {
      sent.push_back(device->value());
      outbox.acknowledged(*device);
    }
    return sent;
  }
};

std::vector<std::uint32_t> numbers(std::uint32_t first, std::uint32_t last) {
  std::vector<std::uint32_t> all;
  for (std::uint32_t id = first; id <= last; ++id) all.push_back(id);
  return all;
}

}  // namespace

TEST_CASE("outbox: changes faster than acknowledgements are folded into one more publish") {
  Outbox given(3);
  given.outbox.device_changed(DeviceId{1}, Sequence{10});
  REQUIRE(given.outbox.next() == DeviceId{1});
  for (std::uint64_t s = 11; s < 50; ++s) given.outbox.device_changed(DeviceId{1}, Sequence{s});
  CHECK_FALSE(given.outbox.next().has_value());
  CHECK(given.outbox.low_water(Sequence{49}) == Sequence{9});
  given.outbox.acknowledged(DeviceId{1});
  CHECK(given.outbox.low_water(Sequence{49}) == Sequence{10});
  CHECK(given.drain() == numbers(1, 1));
  CHECK(given.outbox.low_water(Sequence{49}) == Sequence{49});
  CHECK(given.outbox.idle());
}

TEST_CASE("outbox: a wave goes to all members in order, more than are read at once") {
  Outbox given(1'700);
  given.outbox.audience_changed(AllDevices{}, Sequence{1});
  CHECK(given.drain() == numbers(1, 1'700));
  CHECK(given.outbox.idle());
}

TEST_CASE("outbox: a wave changed in its middle goes around once from there") {
  Outbox given(1'700);
  given.outbox.audience_changed(AllDevices{}, Sequence{1});
  for (int i = 0; i < 600; ++i) given.outbox.acknowledged(*given.outbox.next());
  given.outbox.audience_changed(AllDevices{}, Sequence{2});
  CHECK(given.outbox.low_water(Sequence{2}) == Sequence{});
  auto expected = numbers(601, 1'700);
  std::ranges::copy(numbers(1, 600), std::back_inserter(expected));
  CHECK(given.drain() == expected);
  CHECK(given.outbox.low_water(Sequence{2}) == Sequence{2});
}

TEST_CASE("outbox: a wave that changes all the time lets the low water rise") {
  Outbox given(10);
  Sequence low;
  for (std::uint64_t s = 1; s <= 200; ++s) {
    given.outbox.audience_changed(AllDevices{}, Sequence{s});
    given.outbox.acknowledged(*given.outbox.next());
    low = given.outbox.low_water(Sequence{s});
    CHECK(low.value() + 25 > s);
  }
}

TEST_CASE("outbox: single targets go before a wave, and a wave is not held up for ever") {
  Outbox given(100);
  given.outbox.audience_changed(FleetId{10}, Sequence{1});
  for (std::uint32_t id = 1; id <= 9; ++id) given.outbox.device_changed(DeviceId{id}, Sequence{2});
  auto expected = numbers(1, 9);
  for (std::uint32_t id = 10; id <= 100; id += 10) expected.push_back(id);
  CHECK(given.drain() == expected);

  given.outbox.audience_changed(FleetId{100}, Sequence{3});
  int before_wave = 0;
  for (std::uint64_t s = 4;; ++s) {
    given.outbox.device_changed(DeviceId{1}, Sequence{s});
    const auto device = given.outbox.next();
    given.outbox.acknowledged(*device);
    if (*device == DeviceId{100}) break;
    REQUIRE(++before_wave <= 16);
  }
}

TEST_CASE("outbox: a small wave is not held up by a large one") {
  Outbox given(1'000);
  given.outbox.audience_changed(AllDevices{}, Sequence{1});
  given.outbox.audience_changed(FleetId{500}, Sequence{2});
  const auto sent = given.drain();
  CHECK(std::ranges::find(sent, 1'000U) - sent.begin() < 10);
}

TEST_CASE("outbox: who just came goes first, if its target may not be there yet") {
  Outbox given(100);
  given.outbox.device_came(DeviceId{50});
  CHECK(given.outbox.idle());
  for (std::uint32_t id = 1; id <= 9; ++id) given.outbox.device_changed(DeviceId{id}, Sequence{2});
  given.outbox.device_came(DeviceId{9});
  CHECK(given.outbox.next() == DeviceId{9});
  given.outbox.device_came(DeviceId{9});  // In flight: nothing to add.
  given.outbox.audience_changed(AllDevices{}, Sequence{3});
  given.outbox.device_came(DeviceId{50});
  CHECK(given.outbox.next() == DeviceId{50});
  CHECK(given.outbox.next() == DeviceId{1});
}

TEST_CASE("outbox: what is lost with a connection is forgotten") {
  Outbox given(10);
  given.outbox.audience_changed(AllDevices{}, Sequence{1});
  given.outbox.device_changed(DeviceId{3}, Sequence{2});
  (void)given.outbox.next();
  given.outbox.device_changed(DeviceId{3}, Sequence{3});
  given.outbox.clear();
  CHECK(given.outbox.idle());
  CHECK_FALSE(given.outbox.next().has_value());
  CHECK(given.outbox.low_water(Sequence{9}) == Sequence{9});
}

}  // namespace muster
