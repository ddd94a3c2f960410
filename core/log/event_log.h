#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/domain/ids.h"

namespace muster {

/// The stored form of one event: exactly the bytes that are hashed and never change again.
using Record = std::string;

/// A record is at most this long, so that it fits an entry of a C2SP tile bundle.
inline constexpr std::size_t record_size_max = 65'535;

/// An append-only sequence of records in one total order, durable once acknowledged.
///
/// Knows bytes only: what they mean is RecordCodec's. One thread appends; any thread reads.
/// Implementations: RocksEventLog (disk), MemoryEventLog (tests), FaultyEventLog (tests).
class EventLog {
 public:
  EventLog() = default;
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;
  virtual ~EventLog() = default;

  /// Called once per append, in the order of the appends, on any thread, maybe before `append`
  /// returns. An error means that nothing can be said about the records of this append: the
  /// caller must end the process, and never try again.
  using Appended = std::function<void(Result<Sequence> last)>;

  /// Appends `records`, which must not be empty, after the ones appended before: all or none.
  /// The records are only read during the call. After `done` with a sequence they survive a
  /// power cut.
  virtual void append(std::span<const Record> records, Appended done) = 0;

  /// Whether there is room to go on: checked before a batch, so that the disk never fills up.
  /// Errors: unavailable, saying how much is free and how much must be.
  [[nodiscard]] virtual Result<void> writable() const = 0;

  /// The last durable record; 0 if there is none.
  [[nodiscard]] virtual Sequence head() const = 0;

  /// Calls `sink` with every record after `after` up to the head as of the call, oldest first,
  /// until it returns false. The bytes are good during the call of `sink` only. No lock is held.
  /// Returns the sequence of the last record passed, or `after` if there was none.
  /// Errors: corrupt at the first record that fails its check or is missing; earlier ones were
  /// passed on.
  using Sink = std::function<bool(Sequence sequence, std::string_view record)>;
  [[nodiscard]] virtual Result<Sequence> read_after(Sequence after, const Sink& sink) const = 0;

  /// The one record at `sequence`, which is not above the head. Errors: corrupt if it fails its
  /// check or is missing.
  [[nodiscard]] virtual Result<Record> read(Sequence sequence) const = 0;
};

}  // namespace muster
