#pragma once

#include <mutex>
#include <vector>

#include "core/log/event_log.h"

namespace muster::test {

/// An event log that forgets everything with its end. Safe as the contract says.
class MemoryEventLog final : public EventLog {
 public:
  void append(std::span<const Record> records, Appended done) override;
  [[nodiscard]] Result<void> writable() const override { return {}; }
  [[nodiscard]] Sequence head() const override;
  [[nodiscard]] Result<Sequence> read_after(Sequence after, const Sink& sink) const override;
  [[nodiscard]] Result<Record> read(Sequence sequence) const override;

 private:
  mutable std::mutex mutex_;
  std::vector<Record> records_;  // Guarded by mutex_.
};

}  // namespace muster::test
