#include "tools/agent/device_state.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "core/base/digest.h"
#include "core/base/hex.h"
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

TEST_CASE("device state: actions come back, with what began and the results") {
  const TemporaryFolder folder;
  StateFile file(folder.path());
  DeviceState state = sample();
  const Action action{.key = {{7, 12}, "01J"},
                      .kind = ActionKind::os_update,
                      .args = R"({"version":"6.2.0"})",
                      .force = true,
                      .deliver_by = "2026-11-28T08:30:00.000Z",
                      .execute_within_s = 7200};
  state.actions.started = ActionMemory::Started{action, "boot"};
  state.actions.add({{{7, 11}, "01H"}, AckState::failed, 0, 7, "no", "boot"});
  REQUIRE(file.save(state));
  CHECK(StateFile(folder.path()).load().value() == state);
}

TEST_CASE("device state: one of an agent that knew no actions is read") {
  const TemporaryFolder folder;
  const std::string old = R"({
  "v": 1,
  "epoch": 7,
  "seq": 5,
  "target": "",
  "running": null,
  "boot": "b",
  "apply_open": false,
  "sha256": "SUM"
})";
  auto text = old;
  const std::string unsigned_text = old.substr(0, old.find(",\n  \"sha256\"")) + "\n}";
  text.replace(text.find("SUM"), 3, to_hex(sha256({as_bytes(unsigned_text)})));
  write(folder.path() / "state.json", text);
  const auto state = StateFile(folder.path()).load().value();
  CHECK(state.position == Position{7, 5});
  CHECK(state.actions == ActionMemory{});
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
  write(folder.path() / "state.json", R"({"v":3})");
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
