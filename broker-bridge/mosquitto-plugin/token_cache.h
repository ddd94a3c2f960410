#pragma once

#include <cstddef>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "broker-bridge/credentials/device_token.h"
#include "core/base/digest.h"

namespace muster {

/// Remembers what verified tokens say, by their digests, so that a known device's next connect
/// costs no signature check. Holds the last `entries_max` used ones, or up to half as many.
class TokenCache {
 public:
  explicit TokenCache(std::size_t entries_max) : half_(entries_max / 2) {}

  [[nodiscard]] std::optional<TokenClaims> find(const Digest& token);
  void add(const Digest& token, const TokenClaims& claims);
  void clear();

 private:
  struct Hash {
    std::size_t operator()(const Digest& digest) const noexcept {
      std::size_t first = 0;  // As good as any other bytes of it.
      std::memcpy(&first, digest.data(), sizeof first);
      return first;
    }
  };
  using Half = std::unordered_map<Digest, TokenClaims, Hash>;

  std::size_t half_;
  Half young_;
  Half old_;  // Thrown away when the young ones are too many.
};

}  // namespace muster
