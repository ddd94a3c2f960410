#include "projections/rebuild/rebuild.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "projections/load_state.h"
#include "projections/reader.h"
#include "tests/projections/difference.h"
#include "tests/projections/history.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

using namespace std::chrono_literals;

/// Views of a history, with what a rebuild needs.
struct Stand {
  explicit Stand(const History& history, std::size_t caught_up = SIZE_MAX)
      : log_of(std::span(history.events()).first(std::min(caught_up, history.events().size()))) {
    REQUIRE(views.runner.catch_up().has_value());
  }

  Result<RebuildReport> run(std::string_view view, RebuildOptions options = {},
                            const std::stop_token& stop = {}) {
    RebuildProgress progress;
    return rebuild(parts(), view, options, progress, stop);
  }

  [[nodiscard]] RebuildParts parts() {
    return {.log = log_of.log,
            .codec = log_of.codec,
            .store = *views.store,
            .runner = &views.runner,
            .identity = Uuid{},
            .make = standard_projection};
  }

  /// Writes to the rows in use what follows from no event.
  void doctor(std::string_view view, const std::string& key,
              const std::optional<std::string>& value) {
    std::vector<std::unique_ptr<StoreBatch>> batches;
    batches.push_back(std::make_unique<StoreBatch>(*views.store, view));
    if (value) {
      batches[0]->put(key, *value);
    } else {
      batches[0]->erase(key);
    }
    batches[0]->reach(views.store->position(view));
    views.store->commit(batches);
  }

  TemporaryFolder folder;
  LogOf log_of;
  Views views{folder, log_of};
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& each : standard_projections()) all.emplace_back(each->name());
  return all;
}

}  // namespace

TEST_CASE("rebuild: every view comes out as it is, twice, with equal digests") {
  const History history = long_history(11, 3'000);
  Stand stand(history);
  for (const std::string& name : names()) {
    CAPTURE(name);
    Digest first{};
    for (const std::uint32_t generation : {2U, 3U}) {
      const auto report = stand.run(name, {.threads = 2, .table_bytes = 1});
      REQUIRE_MESSAGE(report.has_value(), report.error().message);
      CHECK(report->comparison.differences == 0);
      CHECK(report->comparison.folded == report->comparison.stored);
      CHECK(report->generation == generation);
      CHECK(report->position == Sequence{history.events().size()});
      if (generation == 2) first = report->comparison.folded;
      CHECK(report->comparison.folded == first);
    }
  }
  CHECK(difference(*stand.views.store, history.state()) == "");
  CHECK(std::filesystem::is_empty(stand.views.store->work_folder()));
}

TEST_CASE("rebuild: rows that follow from no event are found, told and healed") {
  const History history = long_history(12, 500);
  Stand stand(history);
  const std::string row("\x16\0\0\0\1", 5);
  stand.doctor("registry", row, "no row");
  stand.doctor("registry", "\x7e nothing", "more");
  stand.doctor("registry", std::string("\x14\0\0\0\1", 5), std::nullopt);
  const auto checked = stand.run("registry", {.switch_over = false});
  REQUIRE(checked.has_value());
  CHECK(checked->comparison.differences == 3);
  CHECK(checked->generation == 0);
  CHECK(stand.views.store->get("registry", row) == "no row");
  const auto healed = stand.run("registry");
  REQUIRE(healed.has_value());
  REQUIRE(healed->comparison.examples.size() == 3);
  CHECK(healed->comparison.examples[0].kind == RowDifference::Kind::missing);
  CHECK(healed->comparison.examples[1].kind == RowDifference::Kind::other);
  CHECK(healed->comparison.examples[1].key == row);
  CHECK(healed->comparison.examples[2].kind == RowDifference::Kind::unexpected);
  CHECK(healed->comparison.folded != healed->comparison.stored);
  CHECK(healed->comparison.folded == checked->comparison.folded);
  CHECK(difference(*stand.views.store, history.state()) == "");
  CHECK(stand.run("registry")->comparison.differences == 0);
}

TEST_CASE("rebuild: a stopped one leaves the rows in use, and the next one goes on") {
  const History history = long_history(13, 12'000);
  Stand stand(history);
  std::stop_source stop;
  stop.request_stop();
  const auto first = stand.run("history", {.threads = 1}, stop.get_token());
  REQUIRE_FALSE(first.has_value());
  CHECK(first.error().code == ErrorCode::unavailable);
  const auto left = unfinished_rebuild(*stand.views.store, "history");
  REQUIRE(left.has_value());
  CHECK(*left > Sequence{});
  const auto second = stand.run("history");
  REQUIRE(second.has_value());
  CHECK(second->resumed_at == *left);
  CHECK(second->comparison.differences == 0);
  CHECK_FALSE(unfinished_rebuild(*stand.views.store, "history").has_value());
  SUBCASE("unless it is told to begin with the first event") {
    REQUIRE_FALSE(stand.run("history", {}, stop.get_token()).has_value());
    CHECK(stand.run("history", {.from_start = true})->resumed_at == Sequence{});
  }
}

TEST_CASE(
    "rebuild: events that come meanwhile are in the new rows too, and readers see whole ones") {
  const History history = long_history(14, 4'000);
  const std::size_t before = history.batches(1)[1'000]->back().sequence.value();
  Tail tail(1'000'000);  // Outlives the runner that waits for it.
  Stand stand(history, before);
  stand.views.runner.follow(tail);
  std::atomic<bool> ended{false};
  std::jthread writer([&] {
    for (const auto& batch : history.batches(1)) {
      if (batch->front().sequence.value() <= before) continue;
      stand.log_of.append(*batch);
      tail.push(batch);
      std::this_thread::sleep_for(50us);
    }
  });
  std::jthread reader([&] {
    while (!ended) {
      const ViewSnapshot snapshot(*stand.views.store);
      std::uint64_t devices = 0;
      snapshot.scan("registry", {.prefix = "\x16", .from = {}},
                    [&](auto, auto) { return ++devices; });
      std::uint64_t found = 0;
      snapshot.scan("registry", {.prefix = "\x25", .from = {}},
                    [&](auto, auto) { return ++found; });
      CHECK(found <= devices);
      CHECK(devices > 0);
    }
  });
  for (const std::string& name : names()) {
    const auto report = stand.run(name);
    REQUIRE_MESSAGE(report.has_value(), report.error().message);
    CHECK(report->comparison.differences == 0);
  }
  writer.join();
  ended = true;
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  while (stand.views.runner.position() < stand.log_of.log.head()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(1ms);
  }
  CHECK(difference(*stand.views.store, history.state()) == "");
  for (const std::string& name : names()) {
    CHECK(stand.run(name, {.switch_over = false})->comparison.differences == 0);
  }
}

TEST_CASE("rebuild: what was rebuilt is there after a restart, and a snapshot keeps what it saw") {
  const History history = long_history(15, 200);
  Stand stand(history);
  stand.doctor("targets", "doctored", "row");
  const ViewSnapshot before(*stand.views.store);
  REQUIRE(stand.run("targets")->generation == 2);
  CHECK(before.get("targets", "doctored") == "row");
  CHECK_FALSE(stand.views.store->get("targets", "doctored").has_value());
}

TEST_CASE("rebuild: a projection that there is not is refused") {
  Stand stand(long_history(16, 20));
  const auto report = stand.run("nothing");
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == ErrorCode::invalid_input);
}
