#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "broker-bridge/support/line_tail.h"
#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"

namespace muster {

/// One run of mosquitto as a child of the calling *thread*: the kernel ends it when that thread
/// ends. To be used from that thread only.
class BrokerProcess {
 public:
  /// Errors: failed.
  [[nodiscard]] static Result<std::unique_ptr<BrokerProcess>> spawn(
      const std::filesystem::path& binary, const std::filesystem::path& configuration);

  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;

  /// Kills it if it still runs.
  ~BrokerProcess();

  /// Waits until it says something, is ready, ends, `wake_fd` is readable, or `timeout` is over
  /// (negative: no limit). Its output goes to the program's log.
  void wait(int wake_fd, std::chrono::milliseconds timeout);

  /// SIGTERM, and SIGKILL if it still runs after `patience`.
  void stop(std::chrono::milliseconds patience);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool is_ready() const noexcept { return is_ready_; }
  [[nodiscard]] bool is_running() const noexcept { return !has_ended_; }

  /// Its exit code; nullopt while it runs and when a signal ended it.
  [[nodiscard]] std::optional<int> exit_code() const noexcept { return exit_code_; }

  /// How it ended, for people, with its last lines.
  [[nodiscard]] std::string last_words() const;

 private:
  BrokerProcess();

  Result<void> fork_and_exec(const std::filesystem::path& binary,
                             const std::filesystem::path& configuration);
  void drain_log();
  void read_notification();
  void reap();

  UniqueFd notify_;  // The broker reports its readiness here (sd_notify).
  UniqueFd log_;     // Read end of its output.
  UniqueFd pidfd_;
  pid_t pid_ = 0;
  bool is_ready_ = false;
  bool has_ended_ = false;
  std::optional<int> exit_code_;
  int signal_ = 0;
  LineTail tail_;
};

}  // namespace muster
