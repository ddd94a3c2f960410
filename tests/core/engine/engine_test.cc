#include "core/engine/engine.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "core/domain/decide/decide.h"
#include "core/domain/evolve.h"
#include "tests/support/faulty_event_log.h"
#include "tests/support/memory_event_log.h"
#include "tests/support/memory_subject_keys.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

using std::chrono::hours;

class ManualClock final : public Clock {
 public:
  [[nodiscard]] Timestamp now() const override { return Timestamp{at_.load()}; }
  void set(Timestamp at) { at_ = at.time_since_epoch(); }

 private:
  std::atomic<std::chrono::microseconds> at_{hours{24 * 20'000}};
};

/// Knows nothing, as if nothing were folded yet.
class NothingFolded final : public IdempotencyIndex {
 public:
  [[nodiscard]] std::optional<RememberedCommand> find(UserId /*user*/,
                                                      std::string_view /*key*/) const override {
    return std::nullopt;
  }
  [[nodiscard]] Sequence position() const override { return {}; }
};

/// An engine on a log in memory, with one administrator.
struct World {
  explicit World(EngineOptions options = {}) {
    start(options, State{}, Timestamp{});
    REQUIRE(ask(Command{.body = Initialise{.username = "admin", .token_name = "first"}}));
  }

  void start(EngineOptions options, State state, Timestamp last_event) {
    engine = std::make_unique<Engine>(
        options,
        Engine::Parts{.log = log, .codec = codec, .remembered = remembered, .clock = clock},
        std::move(state), last_event);
  }

  std::future<Outcome> submit(Command command) {
    auto answer = std::make_shared<std::promise<Outcome>>();
    auto future = answer->get_future();
    if (command.actor == Actor{} && !std::holds_alternative<Initialise>(command.body)) {
      command.actor = Actor{.user = UserId{1}, .token = TokenId{1}};
    }
    command.id = random_ulid(clock.now());
    const auto queued = engine->submit(
        std::move(command), [answer](Outcome outcome) { answer->set_value(std::move(outcome)); });
    if (!queued) answer->set_value(tl::unexpected(Refusal(queued.error())));
    return future;
  }

  Outcome ask(Command command) { return submit(std::move(command)).get(); }

  std::vector<Recorded> stored() const {
    std::vector<Recorded> events;
    const auto read = log.read_after(Sequence{}, [&](Sequence sequence, std::string_view bytes) {
      events.push_back(*codec.decode(sequence, bytes));
      return true;
    });
    REQUIRE(read.has_value());
    return events;
  }

  test::MemoryEventLog log;
  test::MemorySubjectKeys keys;
  RecordCodec codec{keys};
  NothingFolded remembered;
  ManualClock clock;
  std::unique_ptr<Engine> engine;
};

Command create(const std::string& handle, const std::string& key = {}) {
  Command command{.body = CreateOrganisation{.handle = handle, .name = {}}};
  if (!key.empty()) {
    command.idempotency = Idempotency{.key = key, .request = sha256({as_bytes(handle)})};
  }
  return command;
}

const Rejection& rejection_of(const Outcome& outcome) {
  REQUIRE_FALSE(outcome.has_value());
  REQUIRE(std::holds_alternative<Rejection>(outcome.error()));
  return std::get<Rejection>(outcome.error());
}

}  // namespace

TEST_CASE("engine: what is accepted is in the log when the answer comes, without gaps") {
  World world;
  const Sequence before = world.log.head();
  const Outcome outcome = world.ask(create("acme"));
  REQUIRE(outcome.has_value());
  CHECK(outcome->events().front().sequence == next(before));
  CHECK(world.log.head() == next(before));
  const auto stored = world.stored();
  for (std::size_t i = 0; i < stored.size(); ++i) CHECK(stored[i].sequence == Sequence{i + 1});
}

TEST_CASE("engine: a refusal and a dry run append nothing, and leave no trace in the state") {
  World world;
  const Sequence before = world.log.head();
  CHECK(rejection_of(world.ask(create("x"))).code == RejectionCode::invalid_name);
  Command dry = create("acme");
  dry.dry_run = true;
  const Outcome would = world.ask(dry);
  REQUIRE(would.has_value());
  CHECK(would->dry_run);
  CHECK(would->events().size() == 1);
  CHECK(world.log.head() == before);
  CHECK(world.ask(create("acme")).has_value());
}

TEST_CASE("engine: the same key and request is answered again and done once; another is refused") {
  World world;
  const Outcome first = world.ask(create("acme", "k1"));
  const Outcome again = world.ask(create("acme", "k1"));
  REQUIRE(again.has_value());
  CHECK(again->repeated);
  CHECK(again->events().front().sequence == first->events().front().sequence);
  CHECK(rejection_of(world.ask(create("other", "k1"))).code ==
        RejectionCode::idempotency_key_reused);
}

TEST_CASE("engine: a key repeated within one batch is known too") {
  World world;
  std::vector<std::future<Outcome>> answers;
  answers.reserve(50);
  for (int i = 0; i < 50; ++i) answers.push_back(world.submit(create("acme", "same")));
  int fresh = 0;
  for (auto& answer : answers) {
    const Outcome outcome = answer.get();
    REQUIRE(outcome.has_value());
    CHECK(outcome->events().size() == 1);
    if (!outcome->repeated) ++fresh;
  }
  CHECK(fresh == 1);
}

TEST_CASE("engine: commands of many threads are all answered, in one order without gaps") {
  World world;
  std::atomic<int> accepted{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&world, &accepted, t] {
        for (int i = 0; i < 100; ++i) {
          if (world.ask(create(fmt::format("org-{}-{}", t, i)))) ++accepted;
        }
      });
    }
  }
  CHECK(accepted == 400);
  const auto stored = world.stored();
  State state;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    CHECK(stored[i].sequence == Sequence{i + 1});
    evolve(state, stored[i]);
  }
  CHECK(state.find_organisation("org-3-99") != nullptr);
}

TEST_CASE("engine: a full queue and a tail that nobody folds answer busy, and lose nothing") {
  World world(EngineOptions{.queue_max = 10, .batch_events = 200, .tail_events = 60});
  int busy = 0;
  std::vector<std::future<Outcome>> answers;
  answers.reserve(300);
  for (int i = 0; i < 300; ++i) answers.push_back(world.submit(create(fmt::format("org-{}", i))));
  std::size_t done = 0;
  for (auto& answer : answers) {
    const Outcome outcome = answer.get();
    if (outcome) {
      ++done;
    } else {
      REQUIRE(std::holds_alternative<Error>(outcome.error()));
      CHECK(std::get<Error>(outcome.error()).code == ErrorCode::unavailable);
      ++busy;
    }
  }
  CHECK(busy > 0);
  CHECK(world.stored().size() >= done);
}

TEST_CASE("engine: a record that is too long is refused before anything is applied") {
  World world;
  Command command = create("acme");
  const Sequence before = world.log.head();
  command.body = PinDevices{.devices = std::vector<std::string>(20'000, "x"), .release = "r"};
  CHECK(rejection_of(world.ask(command)).code == RejectionCode::selection_too_large);
  CHECK(world.log.head() == before);
}

TEST_CASE("engine: stopping answers what was submitted and refuses what comes later") {
  World world;
  std::vector<std::future<Outcome>> answers;
  answers.reserve(100);
  for (int i = 0; i < 100; ++i) answers.push_back(world.submit(create(fmt::format("org-{}", i))));
  world.engine->stop();
  for (auto& answer : answers) CHECK(answer.get().has_value());
  const Outcome late = world.ask(create("late"));
  REQUIRE_FALSE(late.has_value());
  CHECK(std::get<Error>(late.error()).code == ErrorCode::unavailable);
}

TEST_CASE("engine: time never goes back, and a jump ahead raises an alarm until it is accepted") {
  World world;
  const Timestamp start = world.clock.now();
  world.clock.set(start - hours{1});
  CHECK(world.ask(create("early"))->events().front().meta.at == start);
  CHECK_FALSE(world.engine->clock_alarm().has_value());

  world.clock.set(start + hours{23});
  REQUIRE(world.ask(create("next-day")));
  CHECK_FALSE(world.engine->clock_alarm().has_value());

  world.clock.set(start + hours{24 * 365});
  REQUIRE(world.ask(create("next-year")));
  const auto alarm = world.engine->clock_alarm();
  REQUIRE(alarm.has_value());
  CHECK(alarm->last_event == start + hours{23});
  REQUIRE(world.ask(
      Command{.body = AcceptClock{.last_event = alarm->last_event, .wall = alarm->wall}}));
  CHECK_FALSE(world.engine->clock_alarm().has_value());
}

TEST_CASE("engine: a failed append ends the process and acknowledges nothing") {
  const pid_t child = ::fork();
  if (child == 0) {
    // The parent's test runner must not run on in the child, nor report its signal.
    std::signal(SIGABRT, SIG_DFL);
    test::MemorySubjectKeys keys;
    RecordCodec codec(keys);
    NothingFolded remembered;
    ManualClock clock;
    test::FaultyEventLog log(1);
    Engine engine({}, {.log = log, .codec = codec, .remembered = remembered, .clock = clock},
                  State{}, Timestamp{});
    std::promise<void> answered;
    const auto queued =
        engine.submit(Command{.body = Initialise{.username = "admin", .token_name = "first"}},
                      [&](const Outcome&) { answered.set_value(); });
    if (queued) answered.get_future().wait();
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
}
