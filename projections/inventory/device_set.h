#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/domain/ids.h"
#include "projections/inventory/blocks.h"

namespace muster {

/// A set of devices by id, as bits: 125 kB for a million, so that taking sets together costs
/// microseconds. What lies beyond the end of one is not in it.
class DeviceSet {
 public:
  DeviceSet() = default;

  void add(DeviceId id);
  void add(std::uint32_t chunk, const DeviceChunk& bits);

  [[nodiscard]] bool empty() const noexcept;
  [[nodiscard]] std::size_t count() const noexcept;

  DeviceSet& operator&=(const DeviceSet& other);
  DeviceSet& operator|=(const DeviceSet& other);
  DeviceSet& operator-=(const DeviceSet& other);

  /// The bits of the 64 devices from 64 * `group`; so many groups as may have some.
  [[nodiscard]] std::uint64_t group(std::size_t group) const noexcept {
    return group < words_.size() ? words_[group] : 0;
  }
  void set_group(std::size_t group, std::uint64_t bits);
  [[nodiscard]] std::size_t groups() const noexcept { return words_.size(); }

  /// Calls `sink` with each id, rising, or falling; until it returns false.
  template <typename Sink>
  void each(Sink sink) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
        if (!sink(id_at(i, static_cast<std::size_t>(std::countr_zero(rest))))) return;
      }
    }
  }
  template <typename Sink>
  void each_from_last(Sink sink) const {
    for (std::size_t i = words_.size(); i > 0; --i) {
      for (std::uint64_t rest = words_[i - 1]; rest != 0;) {
        const auto place = 63 - static_cast<std::size_t>(std::countl_zero(rest));
        rest &= ~(std::uint64_t{1} << place);
        if (!sink(id_at(i - 1, place))) return;
      }
    }
  }

 private:
  static DeviceId id_at(std::size_t word, std::size_t place) {
    return DeviceId{static_cast<std::uint32_t>(word * 64 + place)};
  }

  std::vector<std::uint64_t> words_;
};

inline DeviceSet operator&(DeviceSet a, const DeviceSet& b) { return a &= b; }
inline DeviceSet operator-(DeviceSet a, const DeviceSet& b) { return a -= b; }

}  // namespace muster
