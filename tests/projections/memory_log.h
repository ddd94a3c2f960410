#pragma once

#include <vector>

#include "core/log/event_log.h"

namespace muster::test {

/// The least that is an event log.
class MemoryLog final : public EventLog {
 public:
  void append(std::span<const Record> records, Appended done) override {
    records_.insert(records_.end(), records.begin(), records.end());
    done(head());
  }
  [[nodiscard]] Result<void> writable() const override { return {}; }
  [[nodiscard]] Sequence head() const override { return Sequence{records_.size()}; }
  [[nodiscard]] Result<Sequence> read_after(Sequence after, const Sink& sink) const override {
    const std::size_t end = records_.size();
    Sequence last = after;
    while (last.value() < end) {
      last = next(last);
      if (!sink(last, records_[last.value() - 1])) break;
    }
    return last;
  }

 private:
  std::vector<Record> records_;
};

}  // namespace muster::test
