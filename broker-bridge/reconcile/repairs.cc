#include "broker-bridge/reconcile/repairs.h"

#include "broker-bridge/channel/topic.h"

namespace muster {
namespace {

constexpr std::size_t queued_max = 500;

}  // namespace

std::optional<DeviceId> Repairs::next_device() {
  if (devices_given_ == findings_.publish.size() || queued_.size() >= queued_max) {
    return std::nullopt;
  }
  const DeviceId device = findings_.publish[devices_given_++];
  queued_.insert(device);
  return device;
}

bool Repairs::takes(DeviceId device) {
  if (queued_.erase(device) == 0) return false;
  sent_.insert(device);
  return true;
}

std::optional<std::string> Repairs::next_topic() {
  const auto& devices = findings_.clear;
  const auto& topics = findings_.clear_also;
  if (clears_in_flight_ >= clears_in_flight_max) return std::nullopt;
  if (topics_given_ == devices.size() + topics.size()) return std::nullopt;
  const std::size_t turn = topics_given_++;
  ++clears_in_flight_;
  return turn < devices.size() ? target_topic(devices[turn]) : topics[turn - devices.size()];
}

bool Repairs::done() const noexcept {
  return devices_given_ == findings_.publish.size() && queued_.empty() && sent_.empty() &&
         topics_given_ == findings_.clear.size() + findings_.clear_also.size() &&
         clears_in_flight_ == 0;
}

}  // namespace muster
