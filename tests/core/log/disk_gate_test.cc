#include "core/log/disk/disk_gate.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

constexpr std::uint64_t mebibyte = std::uint64_t{1} << 20U;

struct Disk {
  std::uint64_t free = 100 * mebibyte;
  int looked = 0;

  DiskGate::Options options(std::chrono::milliseconds check_every = {}) {
    return {.free_bytes_min = 10 * mebibyte,
            .ballast_bytes = mebibyte,
            .check_every = check_every,
            .free_bytes = [this](const fs::path&) -> Result<std::uint64_t> {
              ++looked;
              return free;
            }};
  }
};

TEST_CASE("disk gate: closes below the minimum and opens again") {
  const TemporaryFolder folder;
  Disk disk;
  const DiskGate gate(folder.path(), disk.options());
  CHECK(gate.writable().has_value());
  disk.free = 10 * mebibyte - 1;
  const auto refused = gate.writable();
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::unavailable);
  CHECK(refused.error().message.find("has 9 MiB free and must have 10 MiB") != std::string::npos);
  CHECK(refused.error().message.find((folder.path() / "ballast").string()) != std::string::npos);
  disk.free = 10 * mebibyte;
  CHECK(gate.writable().has_value());
}

TEST_CASE("disk gate: does not look more often than told") {
  const TemporaryFolder folder;
  Disk disk;
  const DiskGate gate(folder.path(), disk.options(std::chrono::hours(1)));
  for (int i = 0; i < 5; ++i) {
    CHECK(gate.writable().has_value());
  }
  CHECK(disk.looked == 1);
}

TEST_CASE("disk gate: the ballast takes real room, and is made anew where there is room") {
  const TemporaryFolder folder;
  Disk disk;
  DiskGate gate(folder.path(), disk.options());
  REQUIRE(gate.place_ballast().has_value());
  CHECK(fs::file_size(folder.path() / "ballast") == mebibyte);
  fs::remove(folder.path() / "ballast");
  disk.free = 11 * mebibyte - 1;
  REQUIRE(gate.place_ballast().has_value());
  CHECK_FALSE(fs::exists(folder.path() / "ballast"));
}

TEST_CASE("disk gate: knows the free space of a real folder") {
  const TemporaryFolder folder;
  const auto free = DiskGate::free_bytes_of(folder.path());
  REQUIRE(free.has_value());
  CHECK(*free > 0);
  const DiskGate gate(folder.path() / "nowhere", {});
  CHECK(gate.writable().error().code == ErrorCode::unavailable);
}

}  // namespace
}  // namespace muster
