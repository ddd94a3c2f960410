#pragma once

#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "tools/agent/services/service.h"
#include "tools/agent/services/service_folders.h"

namespace muster::agent {

struct SupervisorOptions {
  Uuid device;
  std::filesystem::path folder;                                     // The device's own; exists.
  bool has_volumes = true;                                          // See ServiceFolders.
  std::chrono::milliseconds stop_grace = std::chrono::seconds(10);  // From SIGTERM to SIGKILL.
};

/// Keeps the services of one device running, on a thread of its own that is there from the first
/// order on. Orders may come from any thread and are done one after the other.
class Supervisor {
 public:
  /// Called on the supervisor's thread when the order is done.
  using Done = std::function<void(const Result<void>&)>;

  explicit Supervisor(SupervisorOptions options);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Stops all services. Orders that were not begun fail.
  ~Supervisor();

  /// Exactly these run from now on: one that runs already as it is described stays, others are
  /// stopped and their folders removed. One that cannot be started is tried again, and is no error.
  /// Errors: failed.
  void run(std::vector<ServiceSpec> services, Done done);

  enum class Volumes { kept, emptied };

  /// Stops all services and removes their folders. They stay so until the next `run`. On disk when
  /// it is done. Errors: failed.
  void remove(Volumes volumes, Done done);

  /// Stops all services; their folders stay. They stay so until the next `run`.
  void halt();

 private:
  using Order = std::function<Result<void>()>;
  struct Job {
    Order order;
    Done done;
  };

  void add(Order order, Done done);
  void work(const std::stop_token& stop);
  bool keep_others_out(const std::stop_token& stop);
  bool do_next_job();
  void start_due();
  void wait(Service::TimePoint until);
  void look();
  Result<void> switch_to(const std::vector<ServiceSpec>& wanted);
  void stop(const std::function<bool(const Service&)>& chosen);

  SupervisorOptions options_;
  ServiceFolders folders_;
  UniqueFd wake_;
  UniqueFd lock_;
  std::vector<std::unique_ptr<Service>> services_;  // Of the thread.

  std::mutex mutex_;
  std::deque<Job> jobs_;  // Guarded by mutex_.
  std::jthread thread_;   // Guarded by mutex_, but for its end.
};

}  // namespace muster::agent
