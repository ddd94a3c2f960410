#include "projections/reader.h"

#include <doctest/doctest.h>

#include <string>

#include "projections/idempotency.h"
#include "projections/load_state.h"
#include "tests/projections/difference.h"
#include "tests/projections/history.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

TEST_CASE("reader: while events come in, all it says is of one moment between commands") {
  History history;
  history.record(
      {ReleaseCreated{ReleaseId{1}, FleetId{1}, "c0", "1.0.0", 1, ReleaseStatus::success, "", ""}});
  constexpr std::uint32_t devices = 20;
  for (std::uint32_t id = 1; id <= devices; ++id) {
    Uuid uuid;
    uuid.bytes[0] = static_cast<std::uint8_t>(id);
    history.record({DeviceRegistered{DeviceId{id}, uuid, FleetId{1}, DeviceTypeId{1}, "d"}});
  }
  const std::size_t setup = history.events().size();
  for (int round = 0; round < 100; ++round) {  // All are pinned, or none is.
    std::vector<Event> pins;
    std::vector<Event> unpins;
    for (std::uint32_t id = 1; id <= devices; ++id) {
      pins.emplace_back(DevicePinned{DeviceId{id}, ReleaseId{1}, std::nullopt});
      unpins.emplace_back(DeviceTrackingFleet{DeviceId{id}, ReleaseId{1}});
    }
    history.record(std::move(pins));
    history.record(std::move(unpins));
  }
  const TemporaryFolder folder;
  LogOf log_of(std::span(history.events()).first(setup));
  Tail tail(1'000'000);
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  views.runner.follow(tail);
  for (const auto& batch : history.batches(1)) {
    if (batch->front().sequence.value() > setup) tail.push(batch);
  }
  const auto last = history.events().back().sequence;
  bool done = false;
  while (!done) {
    const Reader reader(*views.store);
    const auto past = reader.position().value() - setup;
    done = reader.position() == last;
    REQUIRE(past % devices == 0);
    const std::uint32_t wanted = past / devices % 2 == 1 ? devices : 0;
    std::uint32_t pinned = 0;
    reader.each_device_of(FleetId{1}, {}, [&](DeviceId, bool own) {
      pinned += own ? 1 : 0;
      return true;
    });
    REQUIRE(pinned == wanted);
    REQUIRE(reader.find(FleetId{1})->pinned_devices == wanted);
    REQUIRE(reader.find(ReleaseId{1})->pinned_devices == wanted);
  }
}

TEST_CASE("reader: devices are found by the beginning of their uuid") {
  History history;
  for (const std::string_view text :
       {"00000000000000000000000000000001", "abcdef00000000000000000000000001",
        "abcdef00000000000000000000000002", "abcff000000000000000000000000003",
        "ffffffffffffffffffffffffffffffff"}) {
    history.record({DeviceRegistered{history.state().next_device(), parse_uuid(text).value(),
                                     FleetId{1}, DeviceTypeId{1}, std::string(text)}});
  }
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const Reader reader(*views.store);
  const auto ids = [&](std::string_view prefix, std::size_t limit) {
    std::string text;
    reader.each_device_with(prefix, [&](DeviceId id) {
      text += std::to_string(id.value());
      return text.size() < limit;
    });
    return text;
  };
  CHECK(ids("", 10) == "12345");
  CHECK(ids("", 2) == "12");
  CHECK(ids("a", 10) == "234");
  CHECK(ids("abcd", 10) == "23");
  CHECK(ids("abcde", 10) == "23");
  CHECK(ids("abcf", 10) == "4");
  CHECK(ids("abcdef00000000000000000000000002", 10) == "3");
  CHECK(ids("f", 10) == "5");
  CHECK(ids("b", 10).empty());
  CHECK(ids("AB", 10).empty());
  CHECK(ids("abcdef000000000000000000000000020", 10).empty());
}

TEST_CASE("idempotency: a key leads to the events of its command, for its user only") {
  History history;
  const Recorded& last = history.events().back();
  Recorded keyed{next(last.sequence), last.meta, FleetTrackingLatest{FleetId{1}, {}}};
  keyed.meta.actor.user = UserId{1};
  keyed.meta.idempotency = {"retry-1", sha256({as_bytes("asked")})};
  keyed.meta.count = 2;
  Recorded second = keyed;
  second.sequence = next(keyed.sequence);
  second.meta.index = 1;
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  log_of.append(std::vector{keyed, second});
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const StoredIdempotency index(*views.store);
  CHECK(index.position() == second.sequence);
  const auto found = index.find(UserId{1}, "retry-1");
  REQUIRE(found.has_value());
  CHECK(found->request == sha256({as_bytes("asked")}));
  CHECK(found->first == keyed.sequence);
  CHECK(found->count == 2);
  CHECK_FALSE(index.find(UserId{2}, "retry-1").has_value());
  CHECK_FALSE(index.find(UserId{1}, "retry-2").has_value());
}

TEST_CASE("load state: position and time of the last event come with it") {
  const History history = long_history(11, 30);
  const TemporaryFolder folder;
  LogOf log_of({});
  {
    Views views(folder, log_of);
    REQUIRE(views.runner.catch_up().has_value());
    const auto empty = load_state(*views.store);
    REQUIRE(empty.has_value());
    CHECK(empty->position == Sequence{0});
    CHECK(empty->last_event == Timestamp{});
    CHECK(empty->state.next_user() == UserId{1});
  }
  log_of.append(history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const auto loaded = load_state(*views.store);
  REQUIRE(loaded.has_value());
  CHECK(loaded->position == history.events().back().sequence);
  CHECK(loaded->last_event == history.events().back().meta.at);
}

TEST_CASE("load state: a row that is damaged or missing is an error, and the views are made anew") {
  const History history = long_history(11, 60);
  REQUIRE(history.state().devices().size() > 1);
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  {
    Views views(folder, log_of);
    REQUIRE(views.runner.catch_up().has_value());
    std::vector<std::unique_ptr<StoreBatch>> batches;
    batches.push_back(std::make_unique<StoreBatch>(*views.store, "registry"));
    const std::string first_device("\x16\0\0\0\1", 5);
    REQUIRE(batches[0]->get(first_device).has_value());
    SUBCASE("damaged") { batches[0]->put(first_device, "no row"); }
    SUBCASE("missing") { batches[0]->erase(first_device); }
    batches[0]->reach(log_of.log.head());
    views.store->commit(batches);
    const auto loaded = load_state(*views.store);
    REQUIRE_FALSE(loaded.has_value());
    CHECK(loaded.error().code == ErrorCode::corrupt);
  }
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  CHECK(difference(*views.store, history.state()) == "");
}
