#pragma once

#include <optional>

#include "core/log/subject_keys.h"

namespace muster {

/// Of who has no keys: personal fields read as erased.
class NoSubjectKeys final : public SubjectKeys {
 public:
  [[nodiscard]] Result<SealingKey> obtain(UserId /*user*/) override {
    return fail(ErrorCode::unavailable, "there are no keys");
  }
  [[nodiscard]] std::optional<SealingKey> find(UserId /*user*/) const override {
    return std::nullopt;
  }
};

}  // namespace muster
