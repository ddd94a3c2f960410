#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "core/base/uuid.h"

namespace muster {

/// From which generation on a device's keys are good, for devices of which not all are, and which
/// generation the server waits to see in use.
class KeyTable {
 public:
  /// More devices than that are refused.
  static constexpr std::size_t devices_max = 2'000'000;

  /// False: the table is full, and nothing changed.
  [[nodiscard]] bool set_minimum(const Uuid& device, std::uint64_t generation);
  [[nodiscard]] bool watch(const Uuid& device, std::uint64_t generation);

  [[nodiscard]] bool is_good(const Uuid& device, std::uint64_t generation) const;
  [[nodiscard]] bool is_watched(const Uuid& device, std::uint64_t generation) const;

 private:
  struct Entry {
    std::uint64_t minimum = 0;
    std::optional<std::uint64_t> watched;
  };

  [[nodiscard]] Entry* entry_of(const Uuid& device);

  std::unordered_map<Uuid, Entry> entries_;
};

}  // namespace muster
