#include "tools/agent/agent.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <fstream>

#include "tests/tools/agent/agent_bench.h"

namespace muster::agent {

using namespace std::chrono_literals;
using test::comes_true;

TEST_CASE("agent: a target that waited at the broker is applied and reported") {
  AgentBench bench;
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  CHECK(bench.hears(UpKind::presence, R"("online":true)"));
  CHECK(bench.hears(UpKind::state, R"("seq":5,"running":"aa","status":"done")"));
  CHECK(bench.prints(R"("event":"running","epoch":1732233600,"seq":5,"commit":"aa")"));
}

TEST_CASE("agent: follows live targets, never an older one, and says goodbye by its will") {
  AgentBench bench;
  bench.start();
  REQUIRE(bench.hears(UpKind::presence, R"("online":true)"));
  bench.give({.seq = 5, .commit = "aa"});
  CHECK(bench.hears(UpKind::state, R"("seq":5,"running":"aa","status":"done")"));
  bench.give({.seq = 4, .commit = "bb"});
  bench.give({.seq = 6, .commit = "cc"});
  CHECK(bench.hears(UpKind::state, R"("seq":6,"running":"cc","status":"done")"));
  CHECK(bench.printed(R"("commit":"bb")") == 0);
  bench.publish(target_topic(bench.uuid()), "");
  CHECK(bench.hears(UpKind::state, R"("running":"cc","status":"idle")"));
  bench.publish(target_topic(bench.uuid()), "nonsense");
  CHECK(bench.hears(UpKind::state, R"("code":400)"));
  bench.publish(action_topic(bench.uuid()), R"({"v":1})", false);
  bench.stop();
  CHECK(bench.result);
  CHECK(bench.hears(UpKind::presence, R"("online":false)"));
}

TEST_CASE("agent: remembers across a restart what it runs and what is too old") {
  AgentBench bench;
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  REQUIRE(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
  bench.stop();
  bench.give({.seq = 3, .commit = "bb"});
  bench.start();
  CHECK(bench.hears(UpKind::presence, R"("online":true)", 2));
  bench.give({.seq = 6, .commit = "aa"});
  CHECK(bench.hears(UpKind::state, R"("seq":6,"running":"aa","status":"done")"));
  CHECK(bench.printed(R"("event":"applying")") == 1);
}

TEST_CASE("agent: a broker killed and back gets birth, state and new subscriptions") {
  AgentBench bench;
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  REQUIRE(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
  REQUIRE(::kill(bench.broker->pid(), SIGKILL) == 0);
  CHECK(bench.prints(R"("event":"lost")"));
  bench.connect_bridge();
  bench.give({.seq = 6, .commit = "bb"});
  CHECK(bench.hears(UpKind::state, R"("seq":6,"running":"bb","status":"done")"));
  CHECK(comes_true([&] { return bench.printed(R"("event":"connected")") == 2; }, patience));
}

TEST_CASE("agent: a new instance of the bridge gets a second birth of the same session") {
  AgentBench bench;
  bench.start();
  REQUIRE(bench.hears(UpKind::presence, R"("online":true)"));
  bench.publish(std::string(bridge_topic),
                R"({"online":true,"log":"l","instance":"one","epoch":1,"spread_s":0})");
  CHECK(bench.hears(UpKind::presence, R"("online":true)", 2));
  CHECK(bench.printed(R"("event":"connected")") == 1);
}

TEST_CASE("agent: one process is many devices, each with its own target") {
  constexpr std::size_t devices = 8;
  AgentBench bench(devices);
  for (std::size_t i = 0; i < devices; ++i) {
    bench.give({.seq = 5 + i, .commit = fmt::format("aa{}", i)}, i);
  }
  bench.start();
  for (std::size_t i = 0; i < devices; ++i) {
    const auto done = fmt::format(R"("seq":{},"running":"aa{}","status":"done")", 5 + i, i);
    CHECK(bench.hears(UpKind::state, done, 1, i));
  }
}

TEST_CASE("agent: a lock file holds back applying until it is gone") {
  AgentBench bench;
  const auto locks = bench.options.folder / to_string(bench.uuid()) / "locks";
  std::filesystem::create_directories(locks);
  std::ofstream(locks / "main") << "";
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  CHECK(bench.hears(UpKind::state,
                    R"("status":"locked","percent":0,"code":0,"message":"","locks":["main"])"));
  std::filesystem::remove(locks / "main");
  CHECK(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
}

TEST_CASE("agent: runs the hook, reports why it failed, and tries again") {
  AgentBench bench;
  bench.options.hook = bench.folder.path() / "hook";
  std::ofstream(bench.options.hook) << R"(#!/bin/sh
[ "$1" = download ] && exit 0
[ -e "$MUSTER_FOLDER/tried" ] && exit 0
touch "$MUSTER_FOLDER/tried"; echo flash is worn out >&2; exit 9
)";
  std::filesystem::permissions(bench.options.hook, std::filesystem::perms::owner_all);
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  CHECK(bench.hears(UpKind::state,
                    R"("status":"rejected","percent":0,"code":9,"message":"flash is worn out")"));
  CHECK(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
}

TEST_CASE("agent: refuses options it cannot work with, and a folder in use") {
  AgentBench bench;
  const auto refusal = [&](auto change) {
    auto options = bench.options;
    change(options);
    return run_agent(options, std::stop_token()).error();
  };
  CHECK(refusal([](AgentOptions& o) { o.devices.clear(); }).code == ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.devices.push_back(o.devices[0]); }).code ==
        ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.os_variant = "test"; }).code == ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.hook = "/nowhere"; }).code == ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.folder = "/proc/none"; }).code == ErrorCode::failed);
  bench.start();
  REQUIRE(bench.hears(UpKind::presence, R"("online":true)"));
  CHECK(refusal([](AgentOptions&) {}).code == ErrorCode::in_use);
}

}  // namespace muster::agent
