#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "core/base/error.h"

namespace muster::agent {

/// A command of the user's in a shell and a process group of its own; it ends with this object,
/// with all that it started, and with the thread that started it.
class DeviceProcess {
 public:
  /// `environment`: what is added to ours, `NAME=value`. Its output goes where our errors go.
  /// Errors: failed.
  [[nodiscard]] static Result<DeviceProcess> start(const std::string& command,
                                                   const std::vector<std::string>& environment);

  DeviceProcess(DeviceProcess&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
  DeviceProcess& operator=(DeviceProcess&&) = delete;
  DeviceProcess(const DeviceProcess&) = delete;
  DeviceProcess& operator=(const DeviceProcess&) = delete;

  /// SIGTERM to all of the group; after 5 s SIGKILL.
  ~DeviceProcess();

 private:
  explicit DeviceProcess(pid_t pid) noexcept : pid_(pid) {}

  pid_t pid_;
};

}  // namespace muster::agent
