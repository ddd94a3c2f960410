#pragma once

#include <span>
#include <vector>

#include "core/log/record_codec.h"
#include "tests/support/memory_event_log.h"
#include "tests/support/memory_subject_keys.h"

namespace muster::test {

/// A log in memory that holds `events`, with its codec.
struct LogOf {
  explicit LogOf(std::span<const Recorded> events) { append(events); }

  void append(std::span<const Recorded> events) {
    std::vector<Record> records;
    for (const Recorded& recorded : events) records.push_back(codec.encode(recorded).value());
    if (!records.empty()) log.append(records, [](const Result<Sequence>&) {});
  }

  MemorySubjectKeys keys;
  RecordCodec codec{keys};
  MemoryEventLog log;
};

}  // namespace muster::test
