#include "core/domain/actions/queue.h"

#include <algorithm>
#include <chrono>

namespace muster {
namespace {

/// True if the fleet-wide action is one for the device, and neither handed to it nor over for it.
bool is_pending(const Device& device, const DeviceQueue* own, const FleetAction& wide) {
  if (wide.ended || device.id > wide.last_device) return false;
  if (own == nullptr) return true;
  const Sequence n = wide.action.n;
  return n > own->joined && n > own->done && !std::ranges::binary_search(own->closed, n) &&
         find_action(own, n) == nullptr;
}

}  // namespace

std::vector<QueuedAction> queue_of(const Device& device, const DeviceQueue* own,
                                   const FleetActions* fleet) {
  std::vector<QueuedAction> queue;
  if (own != nullptr) {
    for (const OpenAction& action : own->open) queue.push_back({&action, nullptr});
  }
  if (fleet == nullptr || device.lifecycle != Lifecycle::active) return queue;
  for (const FleetAction& wide : fleet->open) {
    if (is_pending(device, own, wide)) queue.push_back({&wide.action, &wide});
  }
  std::ranges::sort(queue, {}, [](const QueuedAction& entry) { return entry.action->n; });
  return queue;
}

std::optional<QueuedAction> head_of(const Device& device, const DeviceQueue* own,
                                    const FleetActions* fleet) {
  if (own != nullptr && is_shut_down(device, *own)) return std::nullopt;
  const auto queue = queue_of(device, own, fleet);
  return queue.empty() ? std::nullopt : std::optional(queue.front());
}

bool is_shut_down(const Device& device, const DeviceQueue& own) noexcept {
  return own.down_since && *own.down_since == device.boot;
}

std::optional<Timestamp> deadline_of(const OpenAction& action) {
  if (!action.delivered_at) return action.order.deliver_by;
  if (action.order.execute_within_s == 0) return std::nullopt;
  return *action.delivered_at + std::chrono::seconds(action.order.execute_within_s);
}

const OpenAction* find_action(const DeviceQueue* own, Sequence n) {
  if (own == nullptr) return nullptr;
  const auto found = std::ranges::find(own->open, n, &OpenAction::n);
  return found == own->open.end() ? nullptr : &*found;
}

const FleetAction* find_action(const FleetActions* fleet, Sequence n) {
  if (fleet == nullptr) return nullptr;
  const auto found =
      std::ranges::find(fleet->open, n, [](const FleetAction& wide) { return wide.action.n; });
  return found == fleet->open.end() ? nullptr : &*found;
}

bool has_room(const ActionCounts& counts, std::uint32_t max_parallel) noexcept {
  return max_parallel == 0 || counts.in_flight < max_parallel;
}

}  // namespace muster
