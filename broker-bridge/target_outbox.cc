#include "broker-bridge/target_outbox.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace muster {
namespace {

constexpr std::size_t read_ahead = 500;

// After so many single targets in a row a wave gets a turn: first, but not for ever alone.
constexpr unsigned singles_in_row_max = 16;

}  // namespace

void TargetOutbox::wait_for(DeviceId device, Sequence since, bool first) {
  const auto [entry, added] = waiting_.try_emplace(device, since);
  if (added) outstanding_.insert(since);
  if (first) {
    queue_.push_front(device);
  } else if (added) {
    queue_.push_back(device);
  }
}

void TargetOutbox::device_changed(DeviceId device, Sequence sequence) {
  const auto sent = in_flight_.find(device);
  if (sent == in_flight_.end()) {
    wait_for(device, sequence, false);
  } else if (!sent->second.again) {
    sent->second.again = sequence;
    outstanding_.insert(sequence);
  }
}

void TargetOutbox::audience_changed(const Audience& audience, Sequence sequence) {
  const auto wave = std::ranges::find(waves_, audience, &Wave::audience);
  if (wave == waves_.end()) {
    waves_.push_back(Wave{.audience = audience, .since = sequence});
    return;
  }
  if (wave->turned) wave->again.reset();
  if (!wave->again) wave->again = sequence;
  wave->stop = wave->cursor;
  wave->turned = false;
}

void TargetOutbox::device_came(DeviceId device) {
  const auto waiting = waiting_.find(device);
  if (waiting != waiting_.end()) {
    if (queue_.front() != device) queue_.push_front(device);
  } else if (!waves_.empty() && !in_flight_.contains(device)) {
    wait_for(device, waves_.front().since, true);
  }
}

std::optional<DeviceId> TargetOutbox::next() {
  if (singles_in_row_ < singles_in_row_max) {
    if (const auto single = next_single()) {
      ++singles_in_row_;
      return single;
    }
  }
  singles_in_row_ = 0;
  const auto of_wave = next_of_waves();
  return of_wave ? of_wave : next_single();
}

std::optional<DeviceId> TargetOutbox::next_single() {
  while (!queue_.empty()) {
    const DeviceId device = queue_.front();
    queue_.pop_front();
    const auto waiting = waiting_.find(device);
    if (waiting == waiting_.end()) continue;  // A wave or its birth took it along.
    MUSTER_ASSERT(!in_flight_.contains(device), "what waits is not in flight");
    const Sequence since = waiting->second;
    outstanding_.erase(outstanding_.find(since));
    waiting_.erase(waiting);
    send(device, since);
    return device;
  }
  return std::nullopt;
}

/// The waves take turns, so that a large one does not hold up a small one.
std::optional<DeviceId> TargetOutbox::next_of_waves() {
  while (!waves_.empty()) {
    Wave& wave = waves_.front();
    const auto device = advance(wave);
    if (!device) {
      waves_.pop_front();
      continue;
    }
    Sequence since = wave.since;
    std::rotate(waves_.begin(), waves_.begin() + 1, waves_.end());
    if (in_flight_.contains(*device)) {
      device_changed(*device, since);
      continue;
    }
    const auto waiting = waiting_.find(*device);
    if (waiting != waiting_.end()) {
      since = std::min(since, waiting->second);
      outstanding_.erase(outstanding_.find(waiting->second));
      waiting_.erase(waiting);
    }
    send(*device, since);
    return device;
  }
  return std::nullopt;
}

/// The wave's next device; nothing when it has been everywhere.
std::optional<DeviceId> TargetOutbox::advance(Wave& wave) {
  if (wave.ahead.empty()) {
    const auto read = members_(wave.audience, wave.cursor, read_ahead);
    wave.ahead.assign(read.begin(), read.end());
  }
  if (wave.ahead.empty()) {
    if (wave.turned || wave.stop == DeviceId{}) return std::nullopt;
    wave.turned = true;
    wave.since = wave.again.value_or(wave.since);
    wave.cursor = DeviceId{};
    return advance(wave);
  }
  const DeviceId device = wave.ahead.front();
  if (wave.turned && device > wave.stop) return std::nullopt;
  wave.ahead.pop_front();
  wave.cursor = device;
  return device;
}

void TargetOutbox::send(DeviceId device, Sequence since) {
  in_flight_.emplace(device, Sent{.since = since, .again = {}});
  outstanding_.insert(since);
}

void TargetOutbox::acknowledged(DeviceId device) {
  const auto sent = in_flight_.find(device);
  MUSTER_ASSERT(sent != in_flight_.end(), "only what was sent is acknowledged");
  const auto again = sent->second.again;
  outstanding_.erase(outstanding_.find(sent->second.since));
  if (again) outstanding_.erase(outstanding_.find(*again));
  in_flight_.erase(sent);
  if (again) wait_for(device, *again, false);
}

void TargetOutbox::clear() {
  queue_.clear();
  singles_in_row_ = 0;
  waiting_.clear();
  in_flight_.clear();
  waves_.clear();
  outstanding_.clear();
}

Sequence TargetOutbox::low_water(Sequence folded) const {
  Sequence oldest = muster::next(folded);
  if (!outstanding_.empty()) oldest = std::min(oldest, *outstanding_.begin());
  for (const Wave& wave : waves_) oldest = std::min(oldest, wave.since);
  return Sequence{oldest.value() - 1};
}

bool TargetOutbox::idle() const noexcept {
  return waiting_.empty() && in_flight_.empty() && waves_.empty();
}

}  // namespace muster
