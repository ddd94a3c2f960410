#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker-bridge/reconcile/reconcile_report.h"
#include "broker-bridge/reconcile/retained_targets.h"
#include "core/domain/ids.h"
#include "core/domain/vocabulary.h"

namespace muster {

class Reader;

/// What came of a comparison.
struct Findings {
  ReconcileCounts counts;
  std::vector<DeviceId> publish;        // Missing, older or unreadable.
  std::vector<Uuid> clear;              // Of no device.
  std::vector<std::string> clear_also;  // Topics that name no device.
  std::optional<Uuid> newer;            // One of those that are newer.
};

/// What a comparison starts from.
struct Basis {
  std::uint64_t epoch = 0;  // The log's.
  Sequence settled;         // Every target up to here was at the broker before it was read.
  Sequence head;            // The log's end, after it was read.
};

/// What the log says of a device's message.
struct ExpectedTarget {
  DeviceId id;
  Uuid device;
  Sequence sequence;  // Of the target.
  Encoding encoding = Encoding::json;
  Sequence changed;  // The last event that changed the message.
};

/// Compares what the broker had with what the log says. A target that changed after
/// `Basis::settled` is on its way already, so its lack is no finding.
class Comparison {
 public:
  /// `retained` is settled.
  Comparison(RetainedTargets retained, const Basis& basis);

  /// Tells of one of the log's devices.
  void device(const ExpectedTarget& expected);

  /// After all devices were told.
  [[nodiscard]] Findings finish();

 private:
  void judge(const ExpectedTarget& expected, const RetainedTarget& retained);

  RetainedTargets retained_;
  std::vector<bool> owned_;  // Beside the targets of retained_: a device of the log has it.
  Basis basis_;
  Findings findings_;
};

/// Compares with all devices that `reader` has.
[[nodiscard]] Findings compare(RetainedTargets retained, const Basis& basis, const Reader& reader);

}  // namespace muster
