#include "core/base/uuid.h"

#include <algorithm>

#include "core/base/hex.h"
#include "core/base/random.h"

namespace muster {

std::string to_string(const Uuid& uuid) { return to_hex(uuid.bytes); }

std::optional<Uuid> parse_uuid(std::string_view text) {
  Uuid uuid;
  if (text.size() != uuid.bytes.size() * 2) return std::nullopt;
  const auto bytes = from_hex(text);
  if (!bytes) return std::nullopt;
  std::ranges::copy(*bytes, uuid.bytes.begin());
  return uuid;
}

Uuid random_uuid() {
  Uuid uuid;
  fill_random(uuid.bytes);
  return uuid;
}

}  // namespace muster
