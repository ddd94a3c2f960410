#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <mutex>

#include "core/base/error.h"

namespace muster {

/// Says no well before the disk is full: RocksDB ends the process when it is. Safe to use from
/// any thread.
///
/// Keeps a ballast file that an operator may delete in an emergency, to have room to act. It is
/// made anew at the next start if there is room.
class DiskGate {
 public:
  /// How many bytes are free to us where the folder is.
  using FreeBytes = std::function<Result<std::uint64_t>(const std::filesystem::path& folder)>;

  struct Options {
    std::uint64_t free_bytes_min = std::uint64_t{256} << 20U;
    std::uint64_t ballast_bytes = std::uint64_t{64} << 20U;
    std::chrono::milliseconds check_every{100};
    FreeBytes free_bytes = &DiskGate::free_bytes_of;
  };

  /// `folder` must exist. Writes nothing.
  DiskGate(std::filesystem::path folder, Options options)
      : folder_(std::move(folder)), options_(std::move(options)) {}

  /// Makes the ballast file if it is missing and there is room; logs a warning if there is not.
  /// Errors: failed.
  [[nodiscard]] Result<void> place_ballast();

  /// Whether at least free_bytes_min are free; looked at once per check_every at most.
  /// Errors: unavailable, saying how much is free, how much must be, and the ways out.
  [[nodiscard]] Result<void> writable() const;

  [[nodiscard]] static Result<std::uint64_t> free_bytes_of(const std::filesystem::path& folder);

  static constexpr const char* ballast_name = "ballast";

 private:
  [[nodiscard]] Result<void> look() const;

  const std::filesystem::path folder_;
  const Options options_;

  mutable std::mutex mutex_;
  mutable std::chrono::steady_clock::time_point next_look_;  // Guarded by mutex_.
  mutable Result<void> last_;                                // Guarded by mutex_.
};

}  // namespace muster
