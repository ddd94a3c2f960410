// What every EventLog promises. Add an implementation by adding its type below.
#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

#include "core/log/rocks_event_log.h"
#include "tests/core/log/log_records.h"
#include "tests/support/faulty_event_log.h"
#include "tests/support/memory_event_log.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

using test::append;
using test::holds_exactly;
using test::numbered_records;

template <typename Log>
struct Fixture {
  test::TemporaryFolder folder;
  std::unique_ptr<EventLog> log = make();

  std::unique_ptr<EventLog> make() {
    if constexpr (std::is_same_v<Log, RocksEventLog>) {
      auto opened = RocksEventLog::open(folder.path() / "log");
      REQUIRE_MESSAGE(opened.has_value(), opened.error().message);
      return *std::move(opened);
    } else {
      return std::make_unique<Log>();
    }
  }
};

#define MUSTER_EVENT_LOGS RocksEventLog, test::MemoryEventLog

TEST_CASE_TEMPLATE("event log: a new one is empty", Log, MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  CHECK(holds_exactly(*f.log, 0));
  CHECK(f.log->writable().has_value());
}

TEST_CASE_TEMPLATE("event log: sequences run from 1 without gaps over appends", Log,
                   MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  CHECK(append(*f.log, numbered_records(1, 1)) == Sequence(1));
  CHECK(append(*f.log, numbered_records(2, 300)) == Sequence(301));
  CHECK(append(*f.log, numbered_records(302, 2)) == Sequence(303));
  CHECK(holds_exactly(*f.log, 303));
}

TEST_CASE_TEMPLATE("event log: a read starts after a sequence and ends at the head", Log,
                   MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  REQUIRE(append(*f.log, numbered_records(1, 5)));
  std::vector<std::uint64_t> seen;
  const EventLog::Sink sink = [&seen](Sequence sequence, std::string_view) {
    seen.push_back(sequence.value());
    return true;
  };
  CHECK(f.log->read_after(Sequence(3), sink) == Sequence(5));
  CHECK(seen == std::vector<std::uint64_t>{4, 5});
  CHECK(f.log->read_after(Sequence(5), sink) == Sequence(5));
  CHECK(f.log->read_after(Sequence(8), sink) == Sequence(8));
  CHECK(seen.size() == 2);
}

TEST_CASE_TEMPLATE("event log: a single record is the one at its sequence", Log,
                   MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  const auto records = numbered_records(1, 300);
  REQUIRE(append(*f.log, records));
  for (const std::uint64_t sequence : {1U, 2U, 255U, 256U, 300U}) {
    CHECK(f.log->read(Sequence(sequence)) == records[sequence - 1]);
  }
}

TEST_CASE_TEMPLATE("event log: a reader may stop, and learns where", Log, MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  REQUIRE(append(*f.log, numbered_records(1, 5)));
  const auto last = f.log->read_after(
      Sequence(0), [](Sequence sequence, std::string_view) { return sequence < Sequence(2); });
  CHECK(last == Sequence(2));
}

TEST_CASE_TEMPLATE("event log: a sink may read and append itself", Log, MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  REQUIRE(append(*f.log, numbered_records(1, 2)));
  std::uint64_t seen = 0;
  const auto last = f.log->read_after(Sequence(0), [&](Sequence, std::string_view) {
    ++seen;
    return append(*f.log, numbered_records(f.log->head().value() + 1, 1)).has_value();
  });
  CHECK(last == Sequence(2));  // The head as of the call.
  CHECK(seen == 2);
  CHECK(holds_exactly(*f.log, 4));
}

TEST_CASE_TEMPLATE("event log: readers beside the writer see whole records in order", Log,
                   MUSTER_EVENT_LOGS) {
  Fixture<Log> f;
  constexpr std::uint64_t count = 200;
  std::atomic<bool> wrong = false;
  std::jthread reader([&] {
    Sequence position(0);
    while (position < Sequence(count) && !wrong) {
      const auto last = f.log->read_after(position, [&](Sequence at, std::string_view record) {
        wrong = wrong || at != next(position) || record != numbered_records(at.value(), 1)[0];
        position = at;
        return true;
      });
      wrong = wrong || !last;
    }
  });
  for (std::uint64_t i = 1; i <= count; ++i) {
    CHECK(append(*f.log, numbered_records(i, 1)));
  }
  reader.join();
  CHECK_FALSE(wrong);
}

TEST_CASE("faulty event log: fails from its n-th append on and stores none of it") {
  test::FaultyEventLog log(2);
  CHECK(append(log, numbered_records(1, 3)) == Sequence(3));
  CHECK_FALSE(append(log, numbered_records(4, 1)).has_value());
  CHECK_FALSE(append(log, numbered_records(4, 1)).has_value());
  CHECK(holds_exactly(log, 3));
  log.full = true;
  CHECK(log.writable().error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace muster
