#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"

namespace muster::agent {

/// How a service's process is started.
struct ProcessPlan {
  std::vector<std::string> command;      // A program, looked for in PATH, and its arguments.
  std::vector<std::string> environment;  // All of it, `NAME=value`.
  std::filesystem::path folder;          // Where it runs.

  /// A locked file that stays locked until the process has ended, even if we end before. -1: none.
  int lock = -1;
};

/// A service's process and the guard that watches over it. Both are a process group of their own.
/// The guard is a process of ours that waits: when the service's process ends it ends the rest of
/// the group, and when we end, however that may be, it ends all of it. So no service outlives the
/// agent. Whoever starts one waits until `has_ended`.
class GuardedProcess {
 public:
  /// Errors: failed. That the program cannot be run shows in the output, and as exit code 127.
  static Result<GuardedProcess> start(const ProcessPlan& plan);

  /// Non-blocking end of its standard output and standard error; -1 once closed.
  [[nodiscard]] int output() const noexcept { return output_.get(); }
  void close_output() { output_.reset(); }

  /// Can be read (polled) once it has ended.
  [[nodiscard]] int end() const noexcept { return end_.get(); }

  [[nodiscard]] bool has_ended();

  /// Of the service's process, once has_ended; 128 + N: ended by signal N.
  [[nodiscard]] int exit_code() const noexcept { return exit_code_; }

  /// SIGTERM to the whole group.
  void ask_to_end() const;

  /// SIGKILL to the whole group.
  void kill() { life_.reset(); }

 private:
  pid_t pid_ = -1;  // Of the guard, and so of the group.
  int exit_code_ = 0;
  bool has_ended_ = false;
  UniqueFd output_;
  UniqueFd end_;
  UniqueFd life_;  // While it is open the guard lets the service live.
};

}  // namespace muster::agent
