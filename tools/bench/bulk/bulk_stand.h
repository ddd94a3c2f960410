#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/server_process.h"

namespace muster::bench {

/// A real server in a process of its own, with a fleet whose devices can be pinned back and forth
/// in bulk over its HTTP API. One thread.
class BulkStand {
 public:
  /// Starts `program` in `folder`, which must be empty, and registers the devices.
  /// Errors: as of the parts; failed if the server refuses something.
  [[nodiscard]] static Result<BulkStand> make(const std::filesystem::path& program,
                                              const std::filesystem::path& folder,
                                              std::size_t devices);

  /// Pins `count` times a device elsewhere, in one request; with `keys`, each under a key of its
  /// own. Says how long it took from the first byte to the last answer, which is durable.
  /// Errors: unavailable; failed if a line is refused.
  [[nodiscard]] Result<std::chrono::nanoseconds> pin(std::size_t count, bool keys);

 private:
  explicit BulkStand(ServerProcess server) : server_(std::move(server)) {}

  Result<std::chrono::nanoseconds> send(const std::string& lines, std::size_t count, bool keys);

  ServerProcess server_;
  std::vector<std::string> devices_;
  std::size_t pins_ = 0;
};

}  // namespace muster::bench
