#include "tools/audit/source/log_source.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/assert.h"
#include "core/log/merkle/entry_bundle.h"

namespace muster::audit {

Result<Entries> entries_of(std::string bundle, std::uint32_t width) {
  Entries entries;
  entries.bytes = std::move(bundle);
  const auto records = split_bundle(entries.bytes);
  if (!records) return tl::unexpected(records.error());
  if (records->size() < width) {
    return fail(ErrorCode::corrupt,
                fmt::format("the bundle has {} entries, not {}", records->size(), width));
  }
  entries.records.assign(records->begin(), records->begin() + width);
  return entries;
}

std::string bundle_of(const Entries& entries) {
  std::string bundle;
  for (const auto& record : entries.records) {
    MUSTER_ASSERT(record.has_value(), "a bundle has all its records");
    append_entry(bundle, *record);
  }
  return bundle;
}

}  // namespace muster::audit
