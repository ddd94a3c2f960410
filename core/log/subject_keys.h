#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "core/base/error.h"
#include "core/domain/ids.h"

namespace muster {

/// A key for AES-256-GCM.
using SealingKey = std::array<std::uint8_t, 32>;

/// One key per user, for the personal fields of events. Kept in a file of its own, outside the
/// log and its backups. Safe to use from any thread.
class SubjectKeys {
 public:
  SubjectKeys() = default;
  SubjectKeys(const SubjectKeys&) = delete;
  SubjectKeys& operator=(const SubjectKeys&) = delete;
  virtual ~SubjectKeys() = default;

  /// The key of `user`, made if there is none; durable when this returns.
  /// Errors: failed, naming the file.
  [[nodiscard]] virtual Result<SealingKey> obtain(UserId user) = 0;

  /// The key of `user`; nullopt if it never had one or it was destroyed.
  [[nodiscard]] virtual std::optional<SealingKey> find(UserId user) const = 0;
};

}  // namespace muster
