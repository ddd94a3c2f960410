#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/subject_keys.h"

namespace muster {

/// Used once per key.
using SealingNonce = std::array<std::uint8_t, 12>;

/// `text` encrypted by AES-256-GCM, with the tag at the end. `context` is not stored in it but
/// must be the same again to open it.
[[nodiscard]] std::vector<std::uint8_t> seal(const SealingKey& key, const SealingNonce& nonce,
                                             std::string_view context, std::string_view text);

/// What was sealed; nullopt if the key, the nonce, the context or the bytes are not the same.
[[nodiscard]] std::optional<std::string> unseal(const SealingKey& key, const SealingNonce& nonce,
                                                std::string_view context,
                                                std::span<const std::uint8_t> sealed);

}  // namespace muster
