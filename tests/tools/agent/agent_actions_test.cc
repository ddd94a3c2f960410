// Actions over a real broker, with real processes; the test plays the bridge.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "tests/tools/agent/agent_bench.h"
#include "tools/agent/support/files.h"

namespace muster::agent {

using namespace std::chrono_literals;
using test::comes_true;

namespace {

/// A service that says in its volume whether it finds a folder of its own, and an empty volume.
constexpr auto counting = R"({"services":{"main":{"command":["sh","-c",
  "[ -e own ] || echo container >> \"$COUNTS\"; touch own; )"
                          R"([ -e data/kept ] || echo volume >> \"$COUNTS\"; touch data/kept; )"
                          R"(while :; do sleep 0.05; done"],
  "environment":{"COUNTS":"%"},"volumes":["data"]}}})";

/// An agent whose device runs the counting service.
struct Bench : AgentBench {
  Bench() {
    std::string manifest = counting;
    manifest.replace(manifest.find('%'), 1, (folder.path() / "counts").string());
    for (auto at = manifest.find('\n'); at != std::string::npos; at = manifest.find('\n')) {
      manifest.erase(at, 1);
    }
    give({.seq = 5, .commit = "aa", .manifest = manifest});
  }

  void start_and_run() {
    start();
    REQUIRE(hears(UpKind::state, R"("running":"aa","status":"done")"));
    REQUIRE(counted("container\nvolume\n"));
    REQUIRE(comes_true([this] { return is_kept(); }, patience));  // It is through with its start.
  }
  [[nodiscard]] bool is_kept() const {
    return std::filesystem::exists(device() / "volumes/data/kept") ||
           std::filesystem::exists(device() / "data/kept");
  }
  bool counted(const std::string& lines) {
    return comes_true([&] { return counts() == lines; }, patience);
  }
  [[nodiscard]] std::string counts() const {
    return read_file(folder.path() / "counts").value_or("");
  }
  bool acks(std::uint64_t n, const std::string& state, long times = 1) {
    const auto topic = up_topic(uuid(), UpKind::ack);
    return comes_true(
        [&] {
          return ears.count(topic, fmt::format(R"("n":{},)", n), fmt::format(R"("{}")", state)) >=
                 times;
        },
        patience);
  }
  void hook(const std::string& script) {
    options.action_hook = folder.path() / "action-hook";
    std::ofstream(options.action_hook) << "#!/bin/sh\n" << script << '\n';
    std::filesystem::permissions(options.action_hook, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::filesystem::path device() const { return options.folder / to_string(uuid()); }
};

}  // namespace

TEST_CASE("agent actions: a restart makes the service's folder anew, a purge its volumes too") {
  Bench bench;
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "restart"});
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\n"));
  bench.ask({.n = 10, .kind = "purge"});
  CHECK(bench.acks(10, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\ncontainer\nvolume\n"));
  bench.ask({.n = 10, .kind = "purge"});
  CHECK(bench.acks(10, "succeeded", 2));
  CHECK(bench.counts() == "container\nvolume\ncontainer\ncontainer\nvolume\n");
}

TEST_CASE("agent actions: a restart of the agent is none of the services' folders") {
  Bench bench;
  bench.start_and_run();
  bench.stop();
  bench.start();
  CHECK(bench.hears(UpKind::presence, R"("online":true)", 2));
  bench.ask({.n = 9, .kind = "restart"});
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\n"));
}

TEST_CASE("agent actions: an OS before 2.12.0 has its data folder purged") {
  Bench bench;
  bench.options.os_version = "2.11.3";
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "purge"});
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\nvolume\n"));
  CHECK(comes_true([&] { return bench.is_kept(); }, patience));
  CHECK_FALSE(std::filesystem::exists(bench.device() / "volumes"));
}

TEST_CASE("agent actions: a lock file holds an action back, unless it is forced") {
  Bench bench;
  bench.start_and_run();
  std::ofstream(bench.device() / "locks" / "main") << "";
  REQUIRE(bench.hears(UpKind::state, R"("locks":["main"])"));
  bench.ask({.n = 9, .kind = "restart"});
  CHECK(bench.acks(9, "rejected"));
  bench.ask({.n = 10, .kind = "restart", .force = true});
  CHECK(bench.acks(10, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\n"));
}

TEST_CASE("agent actions: the purge of a move waits for the lock, and the target for the purge") {
  Bench bench;
  bench.start_and_run();
  std::ofstream(bench.device() / "locks" / "main") << "";
  REQUIRE(bench.hears(UpKind::state, R"("locks":["main"])"));
  bench.give({.seq = 9, .commit = "bb", .manifest = "{}", .after_action = "9"});
  REQUIRE(bench.hears(UpKind::state, R"("status":"waiting")"));
  bench.ask({.n = 9, .kind = "purge", .deliver_by = "null", .execute_within_s = 0});
  REQUIRE(bench.acks(9, "delivered"));
  CHECK(bench.counts() == "container\nvolume\n");
  std::filesystem::remove(bench.device() / "locks" / "main");
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.hears(UpKind::state, R"("running":"bb","status":"done")"));
  CHECK_FALSE(std::filesystem::exists(bench.device() / "services/main"));
}

TEST_CASE("agent actions: a simulated reboot has a new boot id, and services run on after it") {
  Bench bench;
  bench.options.boot_id = "first";
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "reboot"});
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.hears(UpKind::presence, R"("online":false)"));
  CHECK(bench.ears.count(bench.presence(), R"("boot":"first")") == 1);
  CHECK(bench.hears(UpKind::presence, R"("online":true)", 2));
  bench.ask({.n = 10, .kind = "restart"});
  CHECK(bench.acks(10, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\n"));
}

TEST_CASE("agent actions: a simulated shutdown ends the agent; its next start is a boot") {
  Bench bench;
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "shutdown"});
  CHECK(bench.acks(9, "started"));
  bench.thread.join();
  CHECK(bench.result);
  CHECK(bench.hears(UpKind::presence, R"("online":false)"));
  bench.start();
  CHECK(bench.acks(9, "succeeded"));
}

TEST_CASE("agent actions: a simulated OS update is said in a birth, and kept") {
  Bench bench;
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "os-update", .args = R"({"version":"6.2.0"})"});
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.hears(UpKind::presence, R"("os_version":"6.2.0")"));
  bench.stop();
  bench.start();
  CHECK(bench.hears(UpKind::presence, R"("os_version":"6.2.0")", 2));
}

TEST_CASE("agent actions: a hook is told the action, and its end is the action's") {
  Bench bench;
  bench.hook(R"(echo "$1 $MUSTER_ACTION_N $MUSTER_ACTION_ID $MUSTER_ACTION_ARGS \
$MUSTER_ACTION_AGAIN" >> "$MUSTER_FOLDER/calls"
if [ "$1" = os-update ]; then echo progress 40; sleep 0.2; echo no space >&2; exit 28; fi)");
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "blink", .id = "01JA"});
  CHECK(bench.acks(9, "succeeded"));
  bench.ask({.n = 10, .kind = "os-update", .id = "01JB", .args = R"({"version":"7"})"});
  CHECK(bench.acks(10, "failed"));
  CHECK(bench.hears(UpKind::ack, R"("state":"started","percent":40)"));
  CHECK(bench.hears(UpKind::ack, R"("code":28,"message":"no space")"));
  bench.ask({.n = 11, .kind = "restart", .id = "01JC"});
  CHECK(bench.acks(11, "succeeded"));
  CHECK(read_file(bench.device() / "calls") ==
        "blink 9 01JA {} 0\nos-update 10 01JB {\"version\":\"7\"} 0\nrestart 11 01JC {} 0\n");
}

TEST_CASE("agent actions: an OS update that was cut short asks its hook, and obeys the answer") {
  const std::string calls = R"(echo "$1" >> "$MUSTER_FOLDER/calls"; )";
  for (const auto& [script, state, said] :
       {std::tuple{"exit 0", "succeeded", "os-update-check\n"},
        std::tuple{"[ $1 = os-update-check ] && exit 75; exit 0", "succeeded",
                   "os-update-check\nos-update\n"},
        std::tuple{"exit 3", "failed", "os-update-check\n"}}) {
    CAPTURE(said);
    Bench bench;
    bench.hook("sleep 60");
    bench.start_and_run();
    bench.ask({.n = 9, .kind = "os-update"});
    CHECK(bench.acks(9, "started"));
    bench.stop();
    bench.hook(calls + script);
    bench.start();
    CHECK(bench.acks(9, state));
    CHECK(read_file(bench.device() / "calls") == said);
  }
}

TEST_CASE("agent actions: what cannot be written down is not done") {
  Bench bench;
  bench.start_and_run();
  // A folder in the place of the file that is to become state.json.
  std::filesystem::create_directory(bench.device() / "state.json.new");
  bench.ask({.n = 9, .kind = "restart"});
  std::this_thread::sleep_for(600ms);
  CHECK(bench.ears.count(up_topic(bench.uuid(), UpKind::ack), R"("n":9)") == 0);
  CHECK(bench.counts() == "container\nvolume\n");
  std::filesystem::remove(bench.device() / "state.json.new");
  CHECK(bench.acks(9, "succeeded"));
  CHECK(bench.counted("container\nvolume\ncontainer\n"));
}

TEST_CASE("agent actions: a new instance of the bridge hears the last ack again") {
  Bench bench;
  bench.start_and_run();
  bench.ask({.n = 9, .kind = "blink"});
  REQUIRE(bench.acks(9, "succeeded"));
  bench.publish(std::string(bridge_topic),
                R"({"online":true,"log":"l","instance":"new","epoch":1,"spread_s":0})");
  CHECK(bench.acks(9, "succeeded", 2));
}

}  // namespace muster::agent
