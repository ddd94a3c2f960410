#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "broker-bridge/reconcile/comparison.h"
#include "broker-bridge/reconcile/reconcile_report.h"
#include "broker-bridge/reconcile/repairs.h"
#include "broker-bridge/reconcile/target_reading.h"
#include "core/base/clock.h"
#include "projections/view_store.h"

namespace muster {

/// Runs reconciliations, one at a time: reads and compares on a thread of its own, then holds the
/// repairs for the bridge to do on its connection. Begins one when asked and on a schedule.
class Reconciler {
 public:
  struct Options {
    TargetReadingOptions broker;
    std::uint64_t epoch = 0;
    std::chrono::milliseconds every{};
    bool on_start = false;  // Also once after the first connection.
  };

  /// `wake` makes the owner call `step` soon; called on any thread. The references must outlive
  /// the object.
  Reconciler(Options options, const ViewStore& store, const Clock& clock,
             std::function<void()> wake);
  Reconciler(const Reconciler&) = delete;
  Reconciler& operator=(const Reconciler&) = delete;

  /// Ends a reading within some seconds.
  ~Reconciler() = default;

  /// Any thread. Errors, also later: unavailable (not connected, lost, one is running already).
  void request(ReconcileDone done);

  // The rest: on the bridge's thread.

  void connected();

  /// Gives up what is running.
  void disconnected();

  /// Where the bridge stands.
  struct Moment {
    Sequence settled;        // Every target up to here is at the broker.
    bool look_only = false;  // Count, but repair nothing.
  };

  /// Begins what is asked for or due, takes over what was read, ends what is done.
  void step(const Moment& moment);

  /// What to do now for the one that runs, if any.
  [[nodiscard]] Repairs& repairs() noexcept { return repairs_; }

  /// The last one that was done.
  [[nodiscard]] const std::optional<ReconcileReport>& last() const noexcept { return last_; }

  /// What the last one found that an operator must look at; empty: nothing.
  [[nodiscard]] const std::string& alarm() const noexcept { return alarm_; }

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  enum class Phase : std::uint8_t { idle, reading, given_up, repairing };

  void begin(Sequence settled);
  [[nodiscard]] Result<Findings> read(Sequence settled, const std::stop_token& stop) const;
  void begin_repairs(Result<Findings> found, bool look_only);
  void finish();
  void fail_all(const Error& why, Phase after);

  const Options options_;
  const ViewStore& store_;
  const Clock& clock_;
  const std::function<void()> wake_;

  Repairs repairs_;
  ReconcileReport report_;  // Of the one that runs.
  std::optional<Uuid> newer_;
  SteadyTime began_;
  SteadyTime due_;
  std::optional<ReconcileReport> last_;
  std::string alarm_;

  std::mutex mutex_;
  bool connected_ = false;                // Guarded by mutex_.
  Phase phase_ = Phase::idle;             // Guarded by mutex_.
  ReconcileDone asked_;                   // Who waits for it, if anybody. Guarded by mutex_.
  std::optional<Result<Findings>> read_;  // Guarded by mutex_.

  std::jthread reading_;  // Last: it uses all of the above.
};

}  // namespace muster
