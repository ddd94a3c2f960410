#pragma once

#include <cstdint>

#include "core/log/event_log.h"
#include "tests/support/memory_event_log.h"

namespace muster::test {

/// Passes everything on to a MemoryEventLog, until its n-th append, from 1: that one and all
/// later ones fail and store nothing. While `full`, it is not writable.
class FaultyEventLog final : public EventLog {
 public:
  explicit FaultyEventLog(std::uint64_t fail_at) : fail_at_(fail_at) {}

  bool full = false;

  void append(std::span<const Record> records, Appended done) override {
    if (++appends_ < fail_at_) {
      return log_.append(records, std::move(done));
    }
    done(fail(ErrorCode::failed, "the disk of the test broke"));
  }

  [[nodiscard]] Result<void> writable() const override {
    if (full) {
      return fail(ErrorCode::unavailable, "the disk of the test is nearly full");
    }
    return {};
  }

  [[nodiscard]] Sequence head() const override { return log_.head(); }

  [[nodiscard]] Result<Sequence> read_after(Sequence after, const Sink& sink) const override {
    return log_.read_after(after, sink);
  }

  [[nodiscard]] Result<Record> read(Sequence sequence) const override {
    return log_.read(sequence);
  }

 private:
  MemoryEventLog log_;
  std::uint64_t fail_at_;
  std::uint64_t appends_ = 0;
};

}  // namespace muster::test
