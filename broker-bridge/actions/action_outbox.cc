#include "broker-bridge/actions/action_outbox.h"

#include <algorithm>

#include "core/base/assert.h"

namespace muster {

void ActionOutbox::look_at(DeviceId device) {
  Entry& entry = entries_[device];
  if (entry.under_way) {
    entry.again = true;
  } else {
    enqueue(device, entry);
  }
}

void ActionOutbox::forget(DeviceId device) {
  const auto found = entries_.find(device);
  if (found == entries_.end()) return;
  found->second.again = false;
  stop_clock(device, found->second);
  drop_if_idle(device);
}

void ActionOutbox::heard(DeviceId device) {
  const auto found = entries_.find(device);
  if (found == entries_.end()) return;
  stop_clock(device, found->second);
  drop_if_idle(device);
}

std::optional<ActionOutbox::Turn> ActionOutbox::next(SteadyTime now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const DeviceId device = due_.begin()->second;
    Entry& entry = entries_.at(device);
    stop_clock(device, entry);
    entry.overdue = true;
    look_at(device);
  }
  if (queue_.empty()) return std::nullopt;
  const DeviceId device = queue_.front();
  queue_.pop_front();
  Entry& entry = entries_.at(device);
  entry.queued = false;
  entry.under_way = true;
  return Turn{.device = device, .overdue = entry.overdue};
}

void ActionOutbox::sent(DeviceId device, bool first, SteadyTime now) {
  Entry& entry = entries_.at(device);
  stop_clock(device, entry);
  entry.back_off = first ? back_off_min : std::min(entry.back_off * 2, back_off_max);
  entry.due = now + entry.back_off;
  due_.emplace(*entry.due, device);
}

void ActionOutbox::done(DeviceId device) {
  const auto found = entries_.find(device);
  MUSTER_ASSERT(found != entries_.end() && found->second.under_way, "a step was under way");
  Entry& entry = found->second;
  entry.under_way = false;
  if (std::exchange(entry.again, false)) enqueue(device, entry);
  drop_if_idle(device);
}

void ActionOutbox::clear() {
  entries_.clear();
  queue_.clear();
  due_.clear();
}

std::optional<ActionOutbox::SteadyTime> ActionOutbox::next_due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

void ActionOutbox::stop_clock(DeviceId device, Entry& entry) {
  entry.overdue = false;
  if (!entry.due) return;
  due_.erase({*entry.due, device});
  entry.due.reset();
}

void ActionOutbox::enqueue(DeviceId device, Entry& entry) {
  if (std::exchange(entry.queued, true)) return;
  queue_.push_back(device);
}

void ActionOutbox::drop_if_idle(DeviceId device) {
  const auto found = entries_.find(device);
  const Entry& entry = found->second;
  if (!entry.queued && !entry.under_way && !entry.due) entries_.erase(found);
}

}  // namespace muster
