#include "core/log/merkle/entry_bundle.h"

#include <cstdint>

#include "core/base/assert.h"
#include "core/base/endian.h"
#include "core/log/event_log.h"
#include "core/log/merkle/tile.h"

namespace muster {

void append_entry(std::string& bundle, std::string_view record) {
  MUSTER_ASSERT(record.size() <= record_size_max, "a record fits an entry of a bundle");
  append_big_endian(bundle, static_cast<std::uint16_t>(record.size()));
  bundle.append(record);
}

Result<std::vector<std::string_view>> split_bundle(std::string_view bundle) {
  std::vector<std::string_view> records;
  while (!bundle.empty()) {
    if (records.size() == tile_width) return fail(ErrorCode::corrupt, "the bundle is too long");
    if (bundle.size() < sizeof(std::uint16_t)) {
      return fail(ErrorCode::corrupt, "the bundle is cut off");
    }
    const std::size_t size = read_big_endian<std::uint16_t>(bundle);
    bundle.remove_prefix(sizeof(std::uint16_t));
    if (bundle.size() < size) return fail(ErrorCode::corrupt, "the bundle is cut off");
    records.push_back(bundle.substr(0, size));
    bundle.remove_prefix(size);
  }
  return records;
}

}  // namespace muster
