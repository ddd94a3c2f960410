#pragma once

#include <cstddef>
#include <vector>

#include "projections/projection.h"
#include "projections/view_store.h"

namespace muster {

/// The grants of support access that are not over yet: to whom, and in the order of their ends.
class GrantsView final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;
};

/// Devices and fleets with grants.
struct Granted {
  std::vector<DeviceId> devices;
  std::vector<FleetId> fleets;

  [[nodiscard]] bool empty() const noexcept { return devices.empty() && fleets.empty(); }
};

/// Those whose end has come at `now`, at most `limit` of each.
[[nodiscard]] Granted due_grants(const ViewSnapshot& snapshot, Timestamp now, std::size_t limit);

/// The devices access to which is granted at `now` by itself.
[[nodiscard]] std::vector<DeviceId> granted_devices(const ViewSnapshot& snapshot, Timestamp now);

}  // namespace muster
