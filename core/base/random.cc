#include "core/base/random.h"

#include <openssl/rand.h>

#include "core/base/assert.h"

namespace muster {

void fill_random(std::span<std::uint8_t> bytes) {
  const int ok = RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  MUSTER_ASSERT(ok == 1, "the system has a source of randomness");
}

}  // namespace muster
