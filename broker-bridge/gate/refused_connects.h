#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "broker-bridge/credentials/refusal_cause.h"
#include "core/base/clock.h"
#include "core/base/uuid.h"

namespace muster {

/// Connects in a device's name that the broker refused since the server's start.
struct RefusedConnect {
  std::uint64_t count = 0;
  RefusalCause cause = RefusalCause::not_ready;  // Of the last one.
  Timestamp last;
};

/// The refused connects of all devices. Not stored. Safe to use from any thread.
class RefusedConnects {
 public:
  /// `more.count` further ones.
  void add(const Uuid& device, const RefusedConnect& more);

  [[nodiscard]] std::optional<RefusedConnect> look(const Uuid& device) const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<Uuid, RefusedConnect> devices_;  // Guarded by mutex_.
};

}  // namespace muster
