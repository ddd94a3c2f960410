#pragma once

#include <map>
#include <mutex>

#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/log/subject_keys.h"

namespace muster::test {

/// Keys that are the same in every run: SHA-256 of the user's number.
class MemorySubjectKeys final : public SubjectKeys {
 public:
  [[nodiscard]] Result<SealingKey> obtain(UserId user) override {
    std::string number;
    append_big_endian(number, user.value());
    const std::lock_guard lock(mutex_);
    return keys_.try_emplace(user, sha256({as_bytes(number)})).first->second;
  }

  [[nodiscard]] std::optional<SealingKey> find(UserId user) const override {
    const std::lock_guard lock(mutex_);
    const auto found = keys_.find(user);
    return found == keys_.end() ? std::nullopt : std::optional(found->second);
  }

  void destroy(UserId user) {
    const std::lock_guard lock(mutex_);
    keys_.erase(user);
  }

 private:
  mutable std::mutex mutex_;
  std::map<UserId, SealingKey> keys_;  // Guarded by mutex_.
};

}  // namespace muster::test
