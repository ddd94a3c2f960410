#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"

namespace muster::agent {

/// A program in a process group of its own. Whoever starts one waits until `has_ended`.
class ChildProcess {
 public:
  ChildProcess() = default;

  /// Starts `arguments[0]` with this process' environment and `extra` (`NAME=value`) on top.
  /// Its standard input is empty; what it writes comes out of `output` and `complaints`.
  /// Errors: failed.
  static Result<ChildProcess> start(const std::vector<std::string>& arguments,
                                    const std::vector<std::string>& extra);

  /// Non-blocking ends of its standard output and standard error.
  [[nodiscard]] int output() const noexcept { return output_.get(); }
  [[nodiscard]] int complaints() const noexcept { return complaints_.get(); }

  /// Waits until it writes or ends, at most `time_max`.
  void wait(std::chrono::milliseconds time_max) const;

  [[nodiscard]] bool has_ended();

  /// As waitpid gives it, once has_ended.
  [[nodiscard]] int exit_status() const noexcept { return status_; }

  /// Is any process of its group left?
  [[nodiscard]] bool is_group_alive();
  void signal_group(int signal) const;

 private:
  pid_t pid_ = -1;
  int status_ = 0;
  bool has_ended_ = true;
  UniqueFd output_;
  UniqueFd complaints_;
};

}  // namespace muster::agent
