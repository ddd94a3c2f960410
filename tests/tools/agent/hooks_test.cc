#include "tools/agent/hook/hooks.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>
#include <future>
#include <vector>

#include "tests/support/broker_support.h"
#include "tools/agent/support/files.h"

namespace muster::agent {

using namespace std::chrono_literals;
using test::comes_true;
using test::TemporaryFolder;

namespace {

/// A hook made of shell lines, and one run of it.
struct Bench {
  explicit Bench(const std::string& script) {
    options.program = folder.path() / "hook";
    std::ofstream(options.program) << "#!/bin/sh\n" << script << '\n';
    std::filesystem::permissions(options.program, std::filesystem::perms::owner_all);
  }

  StepFinished run() {
    const StartStep step{StepKind::apply, {31, "9f3c2a1", "1.2.0", R"({"a":1})"}, "0ld"};
    return run_hook(
        options, {device, folder.path(), step},
        [this](int percent) { progress.push_back(percent); }, stop.get_token());
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    return read_file(folder.path() / name).value_or("");
  }

  TemporaryFolder folder;
  HookOptions options{{}, 20s, 5s};
  muster::Uuid device = muster::random_uuid();
  std::stop_source stop;
  std::vector<int> progress;
};

}  // namespace

TEST_CASE("hook: gets the step as argument and the release in its environment") {
  Bench bench(R"(cd "$MUSTER_FOLDER"; cat "$MUSTER_MANIFEST" > manifest
echo "$1 $MUSTER_STEP $MUSTER_DEVICE $MUSTER_COMMIT $MUSTER_SEMVER $MUSTER_RELEASE_ID \
$MUSTER_PREVIOUS_COMMIT" > seen)");
  CHECK(bench.run().code == 0);
  CHECK(bench.text("seen") ==
        fmt::format("apply apply {} 9f3c2a1 1.2.0 31 0ld\n", to_string(bench.device)));
  CHECK(bench.text("manifest") == R"({"a":1})");
}

TEST_CASE("hook: progress lines are passed on, other lines are not") {
  Bench bench("echo hello; echo progress 10; echo progress x; sleep 0.2; echo progress 400");
  CHECK(bench.run().code == 0);
  CHECK(bench.progress == std::vector<int>{10, 100});
}

TEST_CASE("hook: a flood of progress and of text is bounded") {
  Bench bench(
      "i=0; while [ $i -lt 20000 ]; do echo progress 5; echo noise >&2; i=$((i+1)); done; exit 3");
  const auto result = bench.run();
  CHECK(result.code == 3);
  CHECK(result.message == "noise");
  CHECK(bench.progress.size() < 200);
}

TEST_CASE("hook: a failure carries the code and the last line of standard error") {
  struct Case {
    std::string script;
    int code;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"echo first >&2; echo no space left >&2; echo; exit 7", 7, "no space left"},
      {"exit 7", 7, "the hook ended with code 7"},
      {"printf 'no end of line' >&2; exit 1", 1, "no end of line"},
      {"kill -KILL $$", 137, "the hook was ended by signal 9 (Killed)"},
  };
  for (const auto& one : cases) {
    const auto result = Bench(one.script).run();
    CHECK(result.code == one.code);
    CHECK(result.message == one.message);
  }
}

TEST_CASE("hook: a program that cannot be run is a failure with its name") {
  Bench bench("");
  bench.options.program = bench.folder.path() / "none";
  const auto result = bench.run();
  CHECK(result.code == not_started_code);
  CHECK(result.message.find("none: No such file") != std::string::npos);
}

TEST_CASE("hook: past its time limit the whole group ends") {
  Bench bench(R"(trap '' TERM; sleep 60 & echo $! > "$MUSTER_FOLDER/child"; wait; sleep 60)");
  bench.options.time_max = 1s;
  bench.options.grace = 200ms;
  const auto result = bench.run();
  CHECK(result.code == timed_out_code);
  CHECK(result.message == "the hook took longer than 1 s");
  const auto child = std::stoi(bench.text("child"));
  CHECK(comes_true([&] { return !muster::test::is_running(child); }, 2s));
}

TEST_CASE("hook: an abandoned step ends soon, with everything it started") {
  Bench bench(R"(sleep 60 & echo $! > "$MUSTER_FOLDER/child"; wait)");
  auto running = std::async(std::launch::async, [&] { return bench.run(); });
  REQUIRE(comes_true([&] { return bench.text("child").ends_with('\n'); }, 5s));
  const auto child = std::stoi(bench.text("child"));
  const auto begin = std::chrono::steady_clock::now();
  bench.stop.request_stop();
  CHECK(running.get().code != 0);
  CHECK(std::chrono::steady_clock::now() - begin < 4s);
  CHECK(comes_true([&] { return !muster::test::is_running(child); }, 2s));
}

TEST_CASE("hook: what it leaves in the background holds nothing up and lives on") {
  Bench bench(R"(sleep 60 & echo $! > "$MUSTER_FOLDER/child")");
  const auto begin = std::chrono::steady_clock::now();
  CHECK(bench.run().code == 0);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
  const auto child = std::stoi(bench.text("child"));
  CHECK(muster::test::is_running(child));
  ::kill(child, SIGKILL);
}

}  // namespace muster::agent
