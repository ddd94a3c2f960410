#include "projections/runner.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <thread>

#include "core/domain/evolve.h"
#include "projections/reader.h"
#include "tests/projections/difference.h"
#include "tests/projections/history.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

using namespace std::chrono_literals;

bool waited_for(Runner& runner, Sequence sequence) {
  const auto reached = std::make_shared<std::promise<void>>();
  runner.when(sequence, [reached] { reached->set_value(); });
  return reached->get_future().wait_for(10s) == std::future_status::ready;
}

/// Writes down what it hears, and how far the views were by then.
struct Recorder final : FoldListener {
  explicit Recorder(const Runner& r) : runner(r) {}
  void on_folded(std::span<const Recorded> events) override {
    const std::scoped_lock lock(mutex);
    for (const Recorded& recorded : events) {
      in_time = in_time && runner.position() >= recorded.sequence;
      heard.push_back(recorded.sequence.value());
    }
  }
  std::size_t count() {
    const std::scoped_lock lock(mutex);
    return heard.size();
  }

  const Runner& runner;
  std::mutex mutex;
  std::vector<std::uint64_t> heard;  // Guarded by mutex.
  bool in_time = true;               // Guarded by mutex.
};

/// Counts the events it was given; its version is the test's.
class CountView final : public Projection {
 public:
  explicit CountView(std::uint32_t version) : version_(version) {}
  [[nodiscard]] std::string_view name() const override { return "count"; }
  [[nodiscard]] std::uint32_t version() const override { return version_; }
  void apply(ViewBatch& batch, const Recorded&) override {
    batch.put("n", batch.get("n").value_or("") + "i");
  }
  void finish(ViewBatch&) override {}

 private:
  const std::uint32_t version_;
};

std::vector<std::unique_ptr<Projection>> with_count(std::uint32_t version) {
  auto all = standard_projections();
  all.push_back(std::make_unique<CountView>(version));
  return all;
}

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

}  // namespace

TEST_CASE("runner: the views are what the events add up to, however they came") {
  CHECK(rc::check("fold equals state", [](const std::vector<std::uint64_t>& choices) {
    const History history = history_of(choices);
    const auto batches = history.batches(1 + choices.size() % 3);
    const std::size_t caught_up = choices.empty() ? 0 : choices[0] % batches.size();
    const TemporaryFolder folder;
    LogOf log_of({});
    for (std::size_t i = 0; i < caught_up; ++i) log_of.append(*batches[i]);
    Tail tail(1'000'000);
    Views views(folder, log_of);
    RC_ASSERT(views.runner.catch_up().has_value());
    views.runner.follow(tail);
    for (std::size_t i = caught_up; i < batches.size(); ++i) tail.push(batches[i]);
    RC_ASSERT(waited_for(views.runner, history.events().back().sequence));
    RC_ASSERT(difference(*views.store, history.state()) == "");
    RC_ASSERT(Reader(*views.store).position() == history.events().back().sequence);
  }));
}

TEST_CASE("runner: a restart after any batch goes on exactly where it was") {
  const History history = long_history(42, 120);
  const auto batches = history.batches(7);
  const TemporaryFolder folder;
  LogOf log_of({});
  for (std::size_t i = 0; i + 1 < batches.size(); i += 2) {
    Tail tail(1'000'000);
    Views views(folder, log_of, with_count(1));
    REQUIRE(views.runner.catch_up().has_value());
    CHECK(views.runner.position() == log_of.log.head());
    views.runner.follow(tail);
    tail.push(batches[i]);
    REQUIRE(waited_for(views.runner, batches[i]->back().sequence));
    log_of.append(*batches[i]);
    log_of.append(*batches[i + 1]);  // The next start catches up with this one.
  }
  Views views(folder, log_of, with_count(1));
  REQUIRE(views.runner.catch_up().has_value());
  CHECK(views.store->get("count", "n")->size() == log_of.log.head().value());
  State state;
  for (const auto& batch : batches) {
    if (batch->back().sequence > log_of.log.head()) break;
    for (const Recorded& recorded : *batch) evolve(state, recorded);
  }
  CHECK(difference(*views.store, state) == "");
}

TEST_CASE("runner: a new or changed projection is folded anew, the others are left alone") {
  const History history = long_history(1, 50);
  const std::size_t events = history.events().size();
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  REQUIRE(Views(folder, log_of).runner.catch_up().has_value());
  for (const std::uint32_t version : {1U, 2U}) {
    Views views(folder, log_of, with_count(version));
    CHECK(views.runner.position() == Sequence{0});
    REQUIRE(views.runner.catch_up().has_value());
    CHECK(views.runner.position() == Sequence{events});
    CHECK(views.store->get("count", "n")->size() == events);
    CHECK(difference(*views.store, history.state()) == "");
  }
  Views views(folder, log_of, with_count(2));
  REQUIRE(views.runner.catch_up().has_value());
  CHECK(views.store->get("count", "n")->size() == events);
}

TEST_CASE("runner: long logs are folded in chunks that end with commands") {
  const History history = long_history(3, 4'000);
  REQUIRE(history.events().size() > 4'000);
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  CHECK(difference(*views.store, history.state()) == "");
}

TEST_CASE("runner: views ahead of the log are not of this log") {
  const History history = long_history(5, 20);
  const TemporaryFolder folder;
  LogOf whole(history.events());
  REQUIRE(Views(folder, whole).runner.catch_up().has_value());
  LogOf shorter(std::span(history.events()).first(3));
  const auto result = Views(folder, shorter).runner.catch_up();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::incompatible);
}

TEST_CASE("runner: a damaged record stops it, after what came before") {
  const History history = long_history(5, 20);
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  log_of.log.append(std::vector<Record>{"no record"}, [](const Result<Sequence>&) {});
  Views views(folder, log_of);
  const auto result = views.runner.catch_up();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::corrupt);
}

TEST_CASE("runner: a log that ends inside a command is corrupt") {
  History history;
  history.record({FleetTrackingLatest{FleetId{1}, {}}, FleetTrackingLatest{FleetId{1}, {}}});
  const TemporaryFolder folder;
  LogOf log_of(std::span(history.events()).first(history.events().size() - 1));
  const auto result = Views(folder, log_of).runner.catch_up();
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::corrupt);
}

TEST_CASE("runner: `when` calls at once for what is there, later for what is not") {
  const History history = long_history(7, 10);
  const TemporaryFolder folder;
  LogOf log_of({});
  Tail tail(1'000);
  std::atomic<int> calls{0};
  const auto last = history.events().back().sequence;
  {
    Views views(folder, log_of);
    REQUIRE(views.runner.catch_up().has_value());
    views.runner.when(Sequence{0}, [&] { ++calls; });
    CHECK(calls == 1);
    views.runner.when(last, [&] { ++calls; });
    views.runner.when(next(last), [&] { calls += 100; });
    CHECK(calls == 1);
    views.runner.follow(tail);
    for (const auto& batch : history.batches(1)) tail.push(batch);
    CHECK(eventually([&] { return calls == 2; }));
    CHECK(views.runner.position() == last);
  }
  CHECK(calls == 2);
}

TEST_CASE("runner: listeners hear every event once, in order, when the views have it") {
  const History history = long_history(9, 200);
  const TemporaryFolder folder;
  LogOf log_of({});
  Tail tail(1'000'000);
  Views views(folder, log_of);
  Recorder recorder(views.runner);
  views.runner.listen(recorder);
  REQUIRE(views.runner.catch_up().has_value());
  views.runner.follow(tail);
  for (const auto& batch : history.batches(3)) tail.push(batch);
  REQUIRE(eventually([&] { return recorder.count() == history.events().size(); }));
  const std::scoped_lock lock(recorder.mutex);
  CHECK(recorder.in_time);
  for (std::size_t i = 0; i < recorder.heard.size(); ++i) REQUIRE(recorder.heard[i] == i + 1);
}
