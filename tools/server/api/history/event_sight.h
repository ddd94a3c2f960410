#pragma once

#include "core/domain/event.h"
#include "tools/server/api/history/history_sight.h"

namespace muster {

/// Which events of the log a caller may see: what it would find in some history (HistorySight),
/// its own tokens and views, and what concerns the log as a whole.
class EventSight {
 public:
  /// All must outlive it.
  EventSight(const Reader& reader, const Caller& caller, HistorySight& sight)
      : reader_(reader), caller_(caller), sight_(sight), history_(reader.snapshot()) {}

  [[nodiscard]] bool sees(const Recorded& recorded);

 private:
  [[nodiscard]] bool sees_device_event(const Recorded& recorded, DeviceId device);
  [[nodiscard]] bool sees_user(UserId user) const;
  [[nodiscard]] bool sees_organisation_event(const Event& event, OrganisationId organisation) const;
  [[nodiscard]] bool sees_view(SavedViewId id);

  const Reader& reader_;
  const Caller& caller_;
  HistorySight& sight_;
  const HistoryReader history_;
};

}  // namespace muster
