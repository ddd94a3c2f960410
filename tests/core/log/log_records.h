#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/log/event_log.h"
#include "core/log/record/record_frame.h"

namespace muster::test {

/// `count` records that say which they are, the first one `first`.
inline std::vector<Record> numbered_records(std::uint64_t first, std::uint64_t count) {
  std::vector<Record> records;
  for (std::uint64_t i = first; i < first + count; ++i) {
    records.push_back(make_record("record " + std::to_string(i)));
  }
  return records;
}

/// Appends and waits for nothing: for logs that answer at once.
inline Result<Sequence> append(EventLog& log, const std::vector<Record>& records) {
  Result<Sequence> answer = fail(ErrorCode::failed, "no answer");
  log.append(records, [&answer](Result<Sequence> last) { answer = std::move(last); });
  return answer;
}

/// Whether `log` holds numbered_records(1, count), and nothing more.
inline bool holds_exactly(const EventLog& log, std::uint64_t count) {
  const auto expected = numbered_records(1, count);
  bool equal = true;
  const auto last = log.read_after(Sequence(0), [&](Sequence sequence, std::string_view record) {
    equal = equal && record == expected.at(sequence.value() - 1);
    return equal;
  });
  return equal && last && *last == Sequence(count) && log.head() == Sequence(count);
}

}  // namespace muster::test
