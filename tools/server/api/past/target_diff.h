#pragma once

#include <optional>
#include <vector>

#include "projections/history/replay.h"
#include "projections/reader.h"

namespace muster {

/// A device whose target is another one than it was. What happened in fleets that are not looked at
/// counts as if the device had not been there.
struct TargetChange {
  DeviceId device;
  FleetId fleet;  // The one it is in, else the one it was in.
  std::optional<ReleaseId> from;
  std::optional<ReleaseId> to;
  Sequence by;  // The last event that had part in it.
};

/// Finds out whose targets differ between two moments.
class TargetDiff {
 public:
  /// `from` is before `to`. Looks at these fleets, which are sorted. All must outlive it.
  TargetDiff(const Reader& reader, const EventFetch& events, std::vector<FleetId> fleets,
             Sequence from, Sequence to);

  /// Reads what was. Before all else. Errors: of reading the log.
  [[nodiscard]] Result<void> prepare();

  /// The changes of devices after `after`, by rising id, at most `limit`.
  [[nodiscard]] std::vector<TargetChange> changes(DeviceId after, std::size_t limit);

 private:
  [[nodiscard]] std::vector<DeviceId> candidates() const;
  void add_crew(FleetId fleet, std::vector<DeviceId>& devices) const;
  [[nodiscard]] bool is_moved(FleetId fleet) const;
  [[nodiscard]] const Device* seen(PastRows& rows, DeviceId id) const;
  [[nodiscard]] std::optional<TargetChange> change_of(DeviceId id);
  [[nodiscard]] Sequence own_cause_of(DeviceId id) const;
  [[nodiscard]] Sequence cause_of(DeviceId id);

  const Reader& reader_;
  const HistoryReader history_;
  const std::vector<FleetId> fleets_;
  const Sequence from_;
  const Sequence to_;
  Replay before_;
  Replay after_;
};

}  // namespace muster
