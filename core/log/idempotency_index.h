#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/digest.h"
#include "core/domain/ids.h"

namespace muster {

/// What the log remembers of a command that had an idempotency key.
struct RememberedCommand {
  Digest request{};  // Digest of what was asked.
  Sequence first;    // Its first event.
  std::uint32_t count = 0;
};

/// Finds the commands of the log by their idempotency key, as far as it is folded.
/// Implementations: IdempotencyView (projections), NoIdempotency (tests).
class IdempotencyIndex {
 public:
  IdempotencyIndex() = default;
  IdempotencyIndex(const IdempotencyIndex&) = delete;
  IdempotencyIndex& operator=(const IdempotencyIndex&) = delete;
  virtual ~IdempotencyIndex() = default;

  /// Keys are of one user: two users may use the same key. Any thread.
  [[nodiscard]] virtual std::optional<RememberedCommand> find(UserId user,
                                                              std::string_view key) const = 0;

  /// Every event up to here is folded.
  [[nodiscard]] virtual Sequence position() const = 0;
};

}  // namespace muster
