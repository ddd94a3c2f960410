#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/base/uuid.h"
#include "tools/agent/services/guarded_process.h"
#include "tools/agent/services/manifest.h"
#include "tools/agent/services/rotated_log.h"
#include "tools/agent/services/service_folders.h"

namespace muster::agent {

/// One service that is to run: its process, its log, and when it is started again. One thread.
class Service {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `folders` must outlive it. `lock`: see ProcessPlan.
  Service(ServiceSpec spec, const Uuid& device, ServiceFolders& folders, int lock);

  [[nodiscard]] const ServiceSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] bool is_running() const noexcept { return process_.has_value(); }

  /// When it is to be started, unless it runs.
  [[nodiscard]] TimePoint start_at() const noexcept { return start_at_; }

  /// Makes what it needs and starts it. If that cannot be, it is tried again later.
  void start(TimePoint now);

  /// Takes what it has written; sees whether it has ended.
  void look(TimePoint now);

  void ask_to_end() const { process_->ask_to_end(); }
  void kill() { process_->kill(); }

  /// What to poll while it runs.
  [[nodiscard]] int output() const noexcept { return process_->output(); }
  [[nodiscard]] int end() const noexcept { return process_->end(); }

 private:
  [[nodiscard]] Result<void> try_start();
  void read_output();
  void plan_start(TimePoint now);

  ServiceSpec spec_;
  Uuid device_;
  ServiceFolders& folders_;
  int lock_;
  RotatedLog log_;
  std::optional<GuardedProcess> process_;
  TimePoint start_at_;
  TimePoint started_at_;
  int deaths_ = 0;  // In a row, each soon after a start.
};

}  // namespace muster::agent
