#include "core/domain/actions/open_actions.h"

namespace muster {
namespace {

template <typename Rows, typename Id>
auto& row_of(Rows& rows, Id id) {
  auto& row = rows[id];
  row.id = id;
  return row;
}

template <typename Rows, typename Id>
auto find_row(const Rows& rows, Id id) {
  const auto found = rows.find(id);
  return found == rows.end() ? nullptr : &found->second;
}

}  // namespace

DeviceQueue& OpenActions::queue_of(DeviceId id) { return row_of(queues_, id); }
FleetActions& OpenActions::actions_of(FleetId id) { return row_of(fleets_, id); }
ActionGroup& OpenActions::group(Sequence id) { return row_of(groups_, id); }

const DeviceQueue* OpenActions::find_queue(DeviceId id) const { return find_row(queues_, id); }
const FleetActions* OpenActions::find_actions(FleetId id) const { return find_row(fleets_, id); }
const ActionGroup* OpenActions::find_group(Sequence id) const { return find_row(groups_, id); }

}  // namespace muster
