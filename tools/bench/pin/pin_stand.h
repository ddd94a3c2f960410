#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/synced_file.h"

namespace muster::bench {

using SteadyTime = std::chrono::steady_clock::time_point;

/// A message on its way: the topic it comes on, its number there, and when it was begun.
struct Sent {
  std::size_t topic = 0;
  std::uint64_t number = 0;
  SteadyTime at;
};

/// A real server in a process of its own, a client of its HTTP API, and subscribers on its broker:
/// one for each of some devices. One thread calls; another one receives.
class PinStand {
 public:
  /// Starts `program` in `folder`, which must be empty, and registers the devices.
  /// Errors: as of the parts; failed if the server refuses something.
  [[nodiscard]] static Result<std::unique_ptr<PinStand>> make(const std::filesystem::path& program,
                                                              const std::filesystem::path& folder,
                                                              std::size_t devices);
  PinStand(const PinStand&) = delete;
  PinStand& operator=(const PinStand&) = delete;
  ~PinStand();

  /// Pins the next device elsewhere, over HTTP. Returns when the server has answered; `number` is
  /// the sequence of the pin. Errors: unavailable; failed if it is refused.
  [[nodiscard]] Result<Sent> pin();

  /// What a pin needs at least: one durable write of `bytes` to `file`, then a message as large as
  /// a target to the next device, on a topic of no meaning. Errors: failed, unavailable.
  [[nodiscard]] Result<Sent> write_and_publish(SyncedFile& file, std::size_t bytes);

  /// When each of `sent` had come, in their order: it, or a newer one on the same topic.
  /// Errors: failed if one has not come within 5 s.
  [[nodiscard]] Result<std::vector<SteadyTime>> await(const std::vector<Sent>& sent);

 private:
  class Parts;
  explicit PinStand(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
