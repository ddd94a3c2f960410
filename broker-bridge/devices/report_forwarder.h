#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "broker-bridge/channel/inbound.h"
#include "core/base/clock.h"
#include "core/engine/engine.h"
#include "projections/reader.h"

namespace muster {

/// Turns what devices report into commands, but only where it differs from what the log has.
/// One report of a device is under way at a time; what comes meanwhile is merged, latest wins.
/// Owned by the bridge's thread.
class ReportForwarder {
 public:
  /// `done` is called on the engine's thread when a device's report was answered; it must lead to
  /// a call of `answered` on the owner's thread. The references must outlive all answers.
  ReportForwarder(Engine& engine, const ViewStore& store, Clock& clock,
                  std::function<void(const Uuid&)> done);

  /// Merges `report` into what waits for its device.
  void add(const ReportDevice& report);

  /// The engine has answered the report of `device`.
  void answered(const Uuid& device);

  /// Submits what waits and may go. True if some still waits because the engine is busy.
  [[nodiscard]] bool submit();

 private:
  [[nodiscard]] bool changes_something(const Reader& reader, const ReportDevice& report) const;

  Engine& engine_;
  const ViewStore& store_;
  Clock& clock_;
  std::function<void(const Uuid&)> done_;
  std::unordered_map<Uuid, ReportDevice> waiting_;
  std::unordered_set<Uuid> under_way_;
};

}  // namespace muster
