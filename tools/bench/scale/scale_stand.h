#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/progress.h"

namespace muster::bench {

/// A server in a process of its own over a folder with many devices, of which none is connected.
class ScaleStand {
 public:
  /// Fills `folder`, which must be empty. The server does not run yet.
  /// Errors: as of the store and the server.
  [[nodiscard]] static Result<std::unique_ptr<ScaleStand>> make(
      const std::filesystem::path& program, const std::filesystem::path& folder,
      std::size_t devices, const Progress& progress);

  ScaleStand(const ScaleStand&) = delete;
  ScaleStand& operator=(const ScaleStand&) = delete;
  ~ScaleStand();

  /// Starts the server; how long until it said that it serves.
  [[nodiscard]] Result<std::chrono::nanoseconds> start();

  /// Waits until the broker has the targets of all devices.
  [[nodiscard]] Result<void> settle(const Progress& progress);

  /// One request, after the answer to the one before; how long its answer took.
  [[nodiscard]] Result<std::chrono::nanoseconds> pin_device();
  [[nodiscard]] Result<std::chrono::nanoseconds> pin_fleet();
  [[nodiscard]] Result<std::chrono::nanoseconds> read(const std::string& path);

  /// Kills the server, with SIGKILL, while devices are pinned as fast as it answers.
  [[nodiscard]] Result<void> kill_under_load();

  [[nodiscard]] std::uint64_t resident_bytes() const;

 private:
  class Parts;
  explicit ScaleStand(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
