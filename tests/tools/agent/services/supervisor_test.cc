// Real processes. What they are is seen from outside: each start of a service writes a line.
#include "tools/agent/services/supervisor.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <sstream>

#include "tests/support/broker_support.h"
#include "tools/agent/support/files.h"

namespace muster::agent {

using namespace std::chrono_literals;
using test::comes_true;
using test::TemporaryFolder;

namespace {

constexpr auto patience = 20s;

struct Bench {
  Bench() { start(); }

  void start() {
    supervisor.emplace(SupervisorOptions{
        .device = device, .folder = folder.path() / "device", .stop_grace = grace});
  }

  /// A service that writes its process id to the file `seen`, and then does as `script` says.
  [[nodiscard]] ServiceSpec service(const std::string& script, const std::string& name = "main") {
    return {name,
            {"sh", "-c", fmt::format("echo $$ >> {}; {}", (folder.path() / name).string(), script)},
            {{"TEXT", "a b"}},
            {"data"}};
  }

  /// The process ids of the starts of a service so far.
  std::vector<pid_t> starts(const std::string& name = "main") {
    std::istringstream text(read_file(folder.path() / name).value_or(""));
    std::vector<pid_t> pids;
    for (pid_t pid = 0; text >> pid;) pids.push_back(pid);
    return pids;
  }
  bool started(std::size_t times, const std::string& name = "main") {
    return comes_true([&] { return starts(name).size() >= times; }, patience);
  }
  [[nodiscard]] std::string text(const std::string& file) const {
    return read_file(folder.path() / "device" / file).value_or("");
  }

  /// Does an order and waits until it is done.
  Result<void> wait_for(const std::function<void(Supervisor::Done)>& order) {
    std::promise<Result<void>> promise;
    auto done = promise.get_future();
    order([&](const Result<void>& result) { promise.set_value(result); });
    return done.get();
  }
  Result<void> run(const std::vector<ServiceSpec>& services) {
    return wait_for([&](Supervisor::Done done) { supervisor->run(services, std::move(done)); });
  }
  Result<void> remove(Supervisor::Volumes volumes) {
    return wait_for([&](Supervisor::Done done) { supervisor->remove(volumes, std::move(done)); });
  }

  TemporaryFolder folder;
  Uuid device = random_uuid();
  std::chrono::milliseconds grace = 10s;
  std::optional<Supervisor> supervisor;

 private:
  bool made_ = std::filesystem::create_directory(folder.path() / "device");
};

bool is_alive(pid_t pid) { return test::is_running(pid); }

bool ends(pid_t pid) {
  return comes_true([&] { return !is_alive(pid); }, patience);
}

constexpr auto for_ever = "while :; do sleep 0.05; done";

}  // namespace

TEST_CASE("supervisor: a service runs in its folder, with its environment, and is logged") {
  Bench bench;
  REQUIRE(bench.run({bench.service(fmt::format(
      "echo \"$TEXT $MUSTER_SERVICE\"; echo complaint >&2; pwd > data/where; {}", for_ever))}));
  REQUIRE(bench.started(1));
  const auto is_logged = [&] { return bench.text("logs/main.log") == "a b main\ncomplaint\n"; };
  CHECK(comes_true(is_logged, patience));
  const auto where = (bench.folder.path() / "device/services/main").string() + "\n";
  CHECK(comes_true([&] { return bench.text("volumes/data/where") == where; }, patience));
}

TEST_CASE("supervisor: one that ends is started again, after a pause that grows") {
  Bench bench;
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE(bench.run({bench.service("exit 3")}));
  REQUIRE(bench.started(3));
  CHECK(std::chrono::steady_clock::now() - begin >= 2900ms);
}

TEST_CASE("supervisor: a program that is not there is said so in the log, and tried again") {
  Bench bench;
  REQUIRE(bench.run({{"main", {"no-such-program"}, {}, {}}}));
  const auto is_said_twice = [&] {
    const auto text = bench.text("logs/main.log");
    const std::string line = "cannot run no-such-program: No such file or directory\n";
    return text == line + line;
  };
  CHECK(comes_true(is_said_twice, patience));
}

TEST_CASE("supervisor: what is as it was runs on, what is not is made anew") {
  Bench bench;
  const auto keeps = bench.service(for_ever, "keeps");
  const auto leaves = bench.service(for_ever, "leaves");
  auto changes = bench.service(for_ever, "changes");
  REQUIRE(bench.run({keeps, leaves, changes}));
  REQUIRE((bench.started(1, "keeps") && bench.started(1, "leaves") && bench.started(1, "changes")));
  changes.environment["NEW"] = "1";
  REQUIRE(bench.run({keeps, changes}));
  REQUIRE(bench.started(2, "changes"));
  CHECK_FALSE(is_alive(bench.starts("changes").front()));
  CHECK_FALSE(is_alive(bench.starts("leaves").front()));
  CHECK(is_alive(bench.starts("keeps").front()));
  CHECK_FALSE(std::filesystem::exists(bench.folder.path() / "device/services/leaves"));
  CHECK(bench.starts("keeps").size() == 1);
}

TEST_CASE("supervisor: removed services are gone with their folders, volumes as asked") {
  Bench bench;
  const auto service = bench.service(
      fmt::format("[ -e own ] || echo new >> data/containers; touch own; {}", for_ever));
  const auto has_been_new = [&bench](const std::string& times) {
    return comes_true([&] { return bench.text("volumes/data/containers") == times; }, patience);
  };
  REQUIRE(bench.run({service}));
  REQUIRE(has_been_new("new\n"));
  REQUIRE(bench.remove(Supervisor::Volumes::kept));
  CHECK_FALSE(is_alive(bench.starts().back()));
  CHECK_FALSE(std::filesystem::exists(bench.folder.path() / "device/services/main"));
  REQUIRE(bench.run({service}));
  REQUIRE(has_been_new("new\nnew\n"));
  REQUIRE(bench.remove(Supervisor::Volumes::emptied));
  CHECK(bench.text("volumes/data/containers").empty());
  REQUIRE(bench.run({service}));
  CHECK(has_been_new("new\n"));
}

TEST_CASE("supervisor: SIGTERM first, and SIGKILL for all of the group when the grace is over") {
  Bench bench;
  bench.supervisor.reset();
  bench.grace = 300ms;
  bench.start();
  const auto child = fmt::format("sh -c 'trap \"\" TERM; echo $$ >> {}; {}' &",
                                 (bench.folder.path() / "child").string(), for_ever);
  SUBCASE("one that listens ends in its own way, and takes its children along") {
    REQUIRE(bench.run(
        {bench.service(fmt::format("trap 'echo bye; exit 0' TERM; {} {}", child, for_ever))}));
    REQUIRE((bench.started(1) && bench.started(1, "child")));
    REQUIRE(bench.remove(Supervisor::Volumes::kept));
    CHECK(bench.text("logs/main.log").find("bye\n") != std::string::npos);
    CHECK(ends(bench.starts("child").front()));
  }
  SUBCASE("one that does not is killed") {
    REQUIRE(bench.run({bench.service(fmt::format("trap '' TERM; {} {}", child, for_ever))}));
    REQUIRE((bench.started(1) && bench.started(1, "child")));
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(bench.remove(Supervisor::Volumes::kept));
    CHECK(std::chrono::steady_clock::now() - begin >= 300ms);
    CHECK_FALSE(is_alive(bench.starts().front()));
    CHECK(ends(bench.starts("child").front()));
  }
}

TEST_CASE("supervisor: a service that closes its output, or floods it, troubles nobody") {
  Bench bench;
  const auto quiet = bench.service(fmt::format("exec >&- 2>&-; {}", for_ever), "quiet");
  REQUIRE(bench.run({quiet, bench.service("yes; sleep 9", "loud")}));
  REQUIRE((bench.started(1, "quiet") && bench.started(1, "loud")));
  const auto log = bench.folder.path() / "device/logs/loud.log";
  CHECK(comes_true([&] { return std::filesystem::exists(log.string() + ".1"); }, patience));
  CHECK(std::filesystem::file_size(log.string() + ".1") <= RotatedLog::default_size_max);
  REQUIRE(bench.remove(Supervisor::Volumes::kept));
}

TEST_CASE("supervisor: killed, it takes its services along, and the next waits for their end") {
  Bench bench;
  bench.supervisor.reset();
  bench.grace = 300ms;
  const auto child = fmt::format("sh -c 'trap \"\" TERM; echo $$ >> {}; {}' &",
                                 (bench.folder.path() / "child").string(), for_ever);
  const auto service = bench.service(fmt::format("{} trap '' TERM; {}", child, for_ever));
  const pid_t agent = ::fork();
  if (agent == 0) {
    bench.start();
    bench.supervisor->run({service}, [](const Result<void>&) {});
    ::pause();
    ::_exit(0);
  }
  REQUIRE((bench.started(1) && bench.started(1, "child")));
  ::kill(agent, SIGKILL);
  ::waitpid(agent, nullptr, 0);
  bench.start();
  REQUIRE(bench.run({service}));
  // Nothing runs before what was there is gone.
  CHECK_FALSE(is_alive(bench.starts().front()));
  REQUIRE(bench.started(2));
  CHECK(ends(bench.starts("child").front()));
}

TEST_CASE("supervisor: its end is the end of its services, and orders after it fail") {
  Bench bench;
  REQUIRE(bench.run({bench.service(for_ever)}));
  REQUIRE(bench.started(1));
  bench.supervisor.reset();
  CHECK_FALSE(is_alive(bench.starts().front()));
}

}  // namespace muster::agent
