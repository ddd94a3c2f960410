#pragma once

#include <map>
#include <span>
#include <vector>

#include "core/log/record_codec.h"
#include "core/log/subject_keys.h"
#include "tests/projections/memory_log.h"

namespace muster::test {

/// Keys that are lost with the test.
class MemoryKeys final : public SubjectKeys {
 public:
  [[nodiscard]] Result<SealingKey> obtain(UserId user) override { return keys_[user]; }
  [[nodiscard]] std::optional<SealingKey> find(UserId user) const override {
    const auto key = keys_.find(user);
    return key == keys_.end() ? std::nullopt : std::optional(key->second);
  }

 private:
  std::map<UserId, SealingKey> keys_;
};

/// A log in memory that holds `events`, with its codec.
struct LogOf {
  explicit LogOf(std::span<const Recorded> events) { append(events); }

  void append(std::span<const Recorded> events) {
    std::vector<Record> records;
    for (const Recorded& recorded : events) records.push_back(codec.encode(recorded).value());
    if (!records.empty()) log.append(records, [](const Result<Sequence>&) {});
  }

  MemoryKeys keys;
  RecordCodec codec{keys};
  MemoryLog log;
};

}  // namespace muster::test
