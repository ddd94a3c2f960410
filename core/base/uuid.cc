#include "core/base/uuid.h"

#include "core/base/hex.h"
#include "core/base/random.h"

namespace muster {

std::string to_string(const Uuid& uuid) { return to_hex(uuid.bytes); }

std::optional<Uuid> parse_uuid(std::string_view text) {
  Uuid uuid;
  if (!read_hex(text, uuid.bytes)) return std::nullopt;
  return uuid;
}

Uuid random_uuid() {
  Uuid uuid;
  fill_random(uuid.bytes);
  return uuid;
}

}  // namespace muster
