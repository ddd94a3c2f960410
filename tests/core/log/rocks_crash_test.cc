// A writer that is killed while it appends, again and again, or whose disk refuses a write.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <thread>

#include "core/log/rocks_event_log.h"
#include "tests/core/log/log_records.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

constexpr int kills = 12;
constexpr std::uint64_t records_per_append_max = 7;

constexpr const char* folder_variable = "MUSTER_TEST_CRASH_FOLDER";
constexpr int told_descriptor = 3;

constexpr int append_failed = 42;

/// Appends until it is killed or an append fails, and tells every acknowledged sequence.
void append_for_ever() {
  const char* folder = std::getenv(folder_variable);
  REQUIRE(folder != nullptr);
  auto log = RocksEventLog::open(folder);
  REQUIRE(log.has_value());
  for (;;) {
    const std::uint64_t head = (*log)->head().value();
    const auto last =
        test::append(**log, test::numbered_records(head + 1, 1 + head % records_per_append_max));
    if (!last) ::_exit(append_failed);
    const std::uint64_t sequence = last->value();
    REQUIRE(::write(told_descriptor, &sequence, sizeof sequence) == sizeof sequence);
  }
}

// These two run in a process of their own.

TEST_CASE("rocks event log: child that appends until it is killed" * doctest::skip()) {
  append_for_ever();
}

TEST_CASE("rocks event log: child whose files may not grow" * doctest::skip()) {
  constexpr rlim_t file_size_max = 300'000;
  const rlimit limit{file_size_max, file_size_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  ::signal(SIGXFSZ, SIG_IGN);  // The write fails then, as on a broken disk.
  append_for_ever();
}

// A process of its own with one of the test cases above; a fork alone would lack RocksDB's threads.
struct Child {
  pid_t process = -1;
  int told = -1;  // The end of the pipe that we read from and close.
};

Child start_child(const char* test_case) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t process = ::fork();
  REQUIRE(process >= 0);
  if (process == 0) {
    ::dup2(ends[1], told_descriptor);
    ::execl("/proc/self/exe", "crash-child", "--no-skip", test_case, nullptr);
    ::_exit(1);
  }
  ::close(ends[1]);
  return {process, ends[0]};
}

// Reads what the child told until the pipe ends; `at_least` if it told nothing.
std::uint64_t last_told(int acknowledged, std::uint64_t at_least) {
  std::uint64_t sequence = at_least;
  std::uint64_t told = 0;
  while (::read(acknowledged, &told, sizeof told) == sizeof told) {
    sequence = told;
  }
  return sequence;
}

// The log has all that was acknowledged, at most one append more, and no gap.
void check_reopened(const std::filesystem::path& path, std::uint64_t acknowledged) {
  const auto log = RocksEventLog::open(path);
  REQUIRE_MESSAGE(log.has_value(), log.error().message);
  const std::uint64_t head = (*log)->head().value();
  CHECK(head >= acknowledged);
  CHECK(head <= acknowledged + records_per_append_max);
  CHECK(test::holds_exactly(**log, head));
}

TEST_CASE("rocks event log: kill -9 in a loop loses nothing acknowledged and leaves no gap") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log";
  REQUIRE(::setenv(folder_variable, path.c_str(), 1) == 0);
  std::mt19937 random(7);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < kills; ++round) {
    const Child child = start_child("--test-case=*child that appends*");
    std::uint64_t first = 0;
    const bool started = ::read(child.told, &first, sizeof first) == sizeof first;
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 60));
    ::kill(child.process, SIGKILL);
    acknowledged = last_told(child.told, std::max(first, acknowledged));
    ::close(child.told);
    int status = 0;
    REQUIRE(::waitpid(child.process, &status, 0) == child.process);
    REQUIRE(started);
    REQUIRE(WIFSIGNALED(status));

    check_reopened(path, acknowledged);
  }
}

TEST_CASE(
    "rocks event log: a write that fails is an error or the end, and loses nothing acknowledged") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() / "log";
  {
    const auto made = RocksEventLog::open(path);  // With its ballast, which is larger.
    REQUIRE(made.has_value());
  }
  REQUIRE(::setenv(folder_variable, path.c_str(), 1) == 0);
  const Child child = start_child("--test-case=*child whose files*");
  const std::uint64_t acknowledged = last_told(child.told, 0);
  ::close(child.told);
  int status = 0;
  REQUIRE(::waitpid(child.process, &status, 0) == child.process);
  const bool refused = WIFEXITED(status) && WEXITSTATUS(status) == append_failed;
  const bool ended = WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
  CHECK((refused || ended));
  CHECK(acknowledged > 0);

  check_reopened(path, acknowledged);
}

}  // namespace
}  // namespace muster
