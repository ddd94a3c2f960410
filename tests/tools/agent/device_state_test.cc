#include "tools/agent/device_state.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/support/broker_support.h"
#include "tests/tools/agent/agent_support.h"
#include "tools/agent/support/files.h"

namespace muster::agent {

using test::TargetText;
using test::TemporaryFolder;

namespace {

DeviceState sample() {
  const TargetText text{.seq = 5};
  return {{1732233600, 5}, text.json(), parse_release(text.release()).value(), "boot", true};
}

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace

TEST_CASE("device state: comes back as it was saved, byte for byte") {
  const TemporaryFolder folder;
  StateFile file(folder.path());
  CHECK(file.load().value() == DeviceState{});
  REQUIRE(file.save(sample()));
  CHECK(StateFile(folder.path()).load().value() == sample());
}

TEST_CASE("device state: a target that is no text comes back byte for byte") {
  const TemporaryFolder folder;
  StateFile file(folder.path());
  DeviceState state = sample();
  state.target = std::string("\x1c\0\0\0MUCH\xff", 9);
  REQUIRE(file.save(state));
  CHECK(StateFile(folder.path()).load().value() == state);
}

TEST_CASE("device state: a save cut short leaves the state before it") {
  const TemporaryFolder folder;
  StateFile file(folder.path());
  REQUIRE(file.save(sample()));
  write(folder.path() / "state.json.new", "{\"v\":1,\"ep");
  CHECK(file.load().value() == sample());
  REQUIRE(file.save(DeviceState{}));
  CHECK(file.load().value() == DeviceState{});
}

TEST_CASE("device state: never changes the file in place") {
  const TemporaryFolder folder;
  StateFile file(folder.path());
  REQUIRE(file.save(sample()));
  const auto kept = folder.path() / "kept";
  std::filesystem::create_hard_link(folder.path() / "state.json", kept);
  const auto before = read_file(kept).value();
  REQUIRE(file.save(DeviceState{}));
  CHECK(read_file(kept).value() == before);
}

TEST_CASE("device state: every damaged byte is noticed, the file kept, and it starts as new") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "state.json";
  StateFile file(folder.path());
  REQUIRE(file.save(sample()));
  const auto good = read_file(path).value();
  for (std::size_t i = 0; i < good.size(); i += 7) {
    auto damaged = good;
    damaged[i] = damaged[i] == 'x' ? 'y' : 'x';
    write(path, damaged);
    CAPTURE(i);
    const bool is_space = good[i] == ' ' || good[i] == '\n';
    const auto loaded = file.load().value();
    CHECK((loaded == DeviceState{} || (is_space && loaded == sample())));
    CHECK(std::filesystem::exists(folder.path() / "state.json.damaged"));
  }
}

TEST_CASE("device state: an empty, cut or foreign file is set aside") {
  for (const std::string text : {"", "{", "[]", "null", "{\"v\":1}", "\xff\xff"}) {
    const TemporaryFolder folder;
    write(folder.path() / "state.json", text);
    CAPTURE(text);
    CHECK(StateFile(folder.path()).load().value() == DeviceState{});
    CHECK(read_file(folder.path() / "state.json.damaged").value() == text);
    CHECK_FALSE(std::filesystem::exists(folder.path() / "state.json"));
  }
}

TEST_CASE("device state: that of a newer agent is left alone") {
  const TemporaryFolder folder;
  write(folder.path() / "state.json", R"({"v":2})");
  CHECK(StateFile(folder.path()).load().error().code == ErrorCode::incompatible);
  CHECK(std::filesystem::exists(folder.path() / "state.json"));
}

TEST_CASE("device state: a folder that is gone is an error that names it") {
  const TemporaryFolder folder;
  StateFile file(folder.path() / "none");
  const auto saved = file.save(sample());
  REQUIRE_FALSE(saved);
  CHECK(saved.error().message.find("none/state.json.new") != std::string::npos);
}

TEST_CASE("agent folder: a second agent is refused while the first has it") {
  const TemporaryFolder folder;
  {
    const auto first = lock_folder(folder.path());
    REQUIRE(first);
    const auto second = lock_folder(folder.path());
    REQUIRE_FALSE(second);
    CHECK(second.error().code == ErrorCode::in_use);
  }
  CHECK(lock_folder(folder.path()));
}

}  // namespace muster::agent
