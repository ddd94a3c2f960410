#include "projections/history/replay.h"

#include <algorithm>

#include "core/domain/evolve.h"

namespace muster {

Replay::Replay(const ViewSnapshot& snapshot, const EventFetch& events, Sequence moment, Ages ages)
    : history_(snapshot),
      events_(events),
      moment_(moment),
      begin_(ages.before(ages.of(next(moment)))),
      rows_(snapshot, ages.of(next(moment))) {}

Result<void> Replay::everything() {
  return events_.each(begin_, moment_, [this](const Recorded& recorded) {
    evolve(rows_, recorded);
    return true;
  });
}

/// That of the device, and those of all fleets it was in since the rows were right.
std::vector<Stream> Replay::streams_of(DeviceId id) {
  std::vector<Stream> streams{stream_of(id)};
  const auto add = [&streams](FleetId fleet) {
    const Stream stream = stream_of(fleet);
    if (std::ranges::find(streams, stream) == streams.end()) streams.push_back(stream);
  };
  if (const Device* device = rows_.find(id)) add(device->fleet);
  history_.each(stream_of(id), next(begin_), [&](const HistoryEntry& entry) {
    if (entry.sequence <= moment_) add(entry.fleet);
    return entry.sequence < moment_;
  });
  return streams;
}

Result<void> Replay::device(DeviceId id) {
  std::vector<Sequence> places;
  HistoryWalk walk(history_, streams_of(id), HistoryOrder::oldest_first, next(begin_));
  for (auto entry = walk.next(); entry && entry->sequence <= moment_; entry = walk.next()) {
    places.push_back(entry->sequence);
  }
  return events_.at(places).map([this](const std::vector<Recorded>& events) {
    for (const Recorded& recorded : events) evolve(rows_, recorded);
  });
}

}  // namespace muster
