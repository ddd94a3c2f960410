#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "tools/agent/device_io.h"

namespace muster::agent {

/// Collects what the parts of a device want done while it handles one input.
class Outbox {
 public:
  void add(DeviceOutput output) { outputs_.push_back(std::move(output)); }

  /// What the device must remember has changed: it is saved before all else.
  void save_first() noexcept { must_save_ = true; }

  [[nodiscard]] TimerId schedule(std::chrono::milliseconds at_least,
                                 std::chrono::milliseconds at_most) {
    add(ScheduleTimer{++last_timer_, at_least, at_most});
    return last_timer_;
  }

  [[nodiscard]] bool must_save() const noexcept { return must_save_; }

  /// Everything so far, behind `state` if it is to be saved.
  [[nodiscard]] std::vector<DeviceOutput> take(const DeviceState& state) {
    auto outputs = std::exchange(outputs_, {});
    if (std::exchange(must_save_, false)) outputs.insert(outputs.begin(), SaveState{state});
    return outputs;
  }

 private:
  std::vector<DeviceOutput> outputs_;
  bool must_save_ = false;
  TimerId last_timer_ = 0;
};

}  // namespace muster::agent
