#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

#include "core/domain/actions/queue.h"
#include "projections/actions/action_records.h"
#include "projections/reader.h"

namespace muster {

/// Reads the actions as of the moment of a Reader, which must outlive it. One thread at a time.
class ActionReader {
 public:
  explicit ActionReader(const Reader& reader) : reader_(reader) {}

  [[nodiscard]] std::optional<ActionRecord> find(Sequence n) const;
  [[nodiscard]] std::optional<ActionRollUp> find_roll_up(const Ulid& id) const;

  /// How far the action is as a whole: fleet-wide, on all its devices together.
  [[nodiscard]] ActionProgress progress_of(const ActionRecord& action) const;

  /// How far the action is on the device, which it is for.
  [[nodiscard]] ActionProgress progress_on(const ActionRecord& action, DeviceId device) const;

  using Sink = std::function<bool(Sequence n)>;

  /// The actions that the command asked for, in their order, starting after `after`, until `sink`
  /// returns false.
  void each_of(const Ulid& id, Sequence after, const Sink& sink) const;

  // Newest first, those before `before` (0: all), until `sink` returns false. Those of a device are
  // the ones that it has or had to do; those of a fleet the fleet-wide ones and the ones that were
  // queued for its devices.
  void each(Sequence before, const Sink& sink) const;
  void each_of_device(const Device& device, Sequence before, const Sink& sink) const;
  void each_of_fleet(FleetId fleet, Sequence before, const Sink& sink) const;

  /// The devices on which something happened of a fleet-wide action, or those that a selection left
  /// out, in the order of their ids, starting after `after`, until `sink` returns false.
  using PartSink = std::function<bool(DeviceId device, const ActionProgress& progress)>;
  void each_part(Sequence n, DeviceId after, const PartSink& sink) const;

  /// An action whose clock has run out: on the device, or, without one, of the fleet.
  struct Due {
    DeviceId device;
    FleetId fleet;
    Sequence n;
  };
  /// At most `limit` of them, the longest overdue first.
  [[nodiscard]] std::vector<Due> due(Timestamp now, std::size_t limit) const;

  /// What the device has to do, in that order; the rows it points into come with it.
  struct Queue {
    std::optional<DeviceQueue> own;
    std::optional<FleetActions> fleet;
    std::vector<QueuedAction> entries;
  };
  [[nodiscard]] Queue queue_of(const Device& device) const;

 private:
  /// The fleet-wide actions of its fleet that mean the device, those before `before`, newest first.
  [[nodiscard]] std::vector<Sequence> wide_for(const Device& device, Sequence before) const;

  const Reader& reader_;
};

}  // namespace muster
