#include "broker-bridge/mosquitto-plugin/token_cache.h"

#include <utility>

namespace muster {

std::optional<TokenClaims> TokenCache::find(const Digest& token) {
  if (const auto found = young_.find(token); found != young_.end()) return found->second;
  const auto found = old_.find(token);
  if (found == old_.end()) return std::nullopt;
  const TokenClaims claims = found->second;
  add(token, claims);
  return claims;
}

void TokenCache::add(const Digest& token, const TokenClaims& claims) {
  if (young_.size() >= half_) old_ = std::exchange(young_, {});
  young_.insert_or_assign(token, claims);
}

void TokenCache::clear() {
  young_.clear();
  old_.clear();
}

}  // namespace muster
