#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/clock.h"
#include "core/base/uuid.h"
#include "projections/history/history_entry.h"
#include "projections/history/stream.h"
#include "projections/view_store.h"

namespace muster {

/// Reads what HistoryView stored, as of the moment of the snapshot, which must outlive it.
class HistoryReader {
 public:
  explicit HistoryReader(const ViewSnapshot& snapshot) : snapshot_(snapshot) {}

  /// The entries of `stream` from `first` on, in their order, until `sink` returns false.
  using Sink = std::function<bool(const HistoryEntry&)>;
  void each(const Stream& stream, Sequence first, const Sink& sink) const;

  /// Those up to `last`, the newest first.
  void each_back(const Stream& stream, Sequence last, const Sink& sink) const;

  /// The entry of that event in the stream, if it is there.
  [[nodiscard]] std::optional<HistoryEntry> find(const Stream& stream, Sequence sequence) const;

  /// The last event that was stored at `time` or before; 0 if there is none.
  [[nodiscard]] Sequence last_at(Timestamp time) const;

  /// The fleets that ever had that slug, each once; who had it last comes first.
  [[nodiscard]] std::vector<FleetId> fleets_called(std::string_view slug) const;

  /// Every device that ever had a uuid that starts with `prefix` (lower-case hexadecimal), in the
  /// order of their uuids and lives, until `sink` returns false.
  void each_life_with(std::string_view prefix,
                      const std::function<bool(const Uuid&, DeviceId)>& sink) const;

 private:
  [[nodiscard]] std::vector<HistoryEntry> entries_of(std::string_view key,
                                                     std::string_view block) const;

  const ViewSnapshot& snapshot_;
};

/// In which direction a history is read.
enum class HistoryOrder { oldest_first, newest_first };

/// Walks through several streams as if they were one: each event once.
class HistoryWalk {
 public:
  /// From `from` on, that one included; 0 with the newest first: from the end. `reader` must
  /// outlive the walk.
  HistoryWalk(const HistoryReader& reader, const std::vector<Stream>& streams, HistoryOrder order,
              Sequence from);

  /// The next entry; nullopt at the end.
  [[nodiscard]] std::optional<HistoryEntry> next();

 private:
  struct Track {
    Stream stream;
    Sequence from;
    std::deque<HistoryEntry> read;
    bool ended = false;
  };
  void fill(Track& track) const;
  [[nodiscard]] Track* nearest();
  [[nodiscard]] bool is_before(Sequence a, Sequence b) const;

  const HistoryReader& reader_;
  const HistoryOrder order_;
  std::vector<Track> tracks_;
};

}  // namespace muster
