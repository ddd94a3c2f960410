#include "tests/support/memory_event_log.h"

#include <algorithm>

#include "core/base/assert.h"

namespace muster::test {

void MemoryEventLog::append(std::span<const Record> records, Appended done) {
  MUSTER_ASSERT(!records.empty(), "an append has records");
  {
    const std::lock_guard lock(mutex_);
    records_.insert(records_.end(), records.begin(), records.end());
  }
  done(head());
}

Sequence MemoryEventLog::head() const {
  const std::lock_guard lock(mutex_);
  return Sequence(records_.size());
}

Result<Sequence> MemoryEventLog::read_after(Sequence after, const Sink& sink) const {
  std::vector<Record> rest;
  {
    const std::lock_guard lock(mutex_);
    const auto from = std::min<std::uint64_t>(after.value(), records_.size());
    rest.assign(records_.begin() + static_cast<std::ptrdiff_t>(from), records_.end());
  }
  Sequence passed = after;
  for (const Record& record : rest) {
    passed = next(passed);
    if (!sink(passed, record)) {
      break;
    }
  }
  return passed;
}

Result<Record> MemoryEventLog::read(Sequence sequence) const {
  const std::lock_guard lock(mutex_);
  return records_.at(sequence.value() - 1);
}

}  // namespace muster::test
