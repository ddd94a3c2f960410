#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace muster {

/// The ids of publishes on their way, in a fixed number of places. A place's address goes through
/// the MQTT library as the context of its publish, so nothing is allocated per message and
/// nothing leaks when a connection is lost. Safe to use from any thread.
class InFlight {
 public:
  using Place = std::uint64_t;

  explicit InFlight(std::size_t places_max) : places_(places_max) {
    for (Place& place : places_) {
      free_.push_back(&place);
    }
  }

  /// A place that holds `id`, or nullptr if all are taken.
  [[nodiscard]] Place* take(std::uint64_t id) {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) {
      return nullptr;
    }
    Place* place = free_.back();
    free_.pop_back();
    *place = id;
    return place;
  }

  /// Frees what `take` gave and returns its id.
  std::uint64_t give_back(Place* place) {
    const std::lock_guard lock(mutex_);
    free_.push_back(place);
    return *place;
  }

 private:
  std::mutex mutex_;
  std::vector<Place> places_;  // Never resized: addresses are handed out.
  std::vector<Place*> free_;   // Guarded by mutex_.
};

}  // namespace muster
