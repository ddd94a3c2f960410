#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "broker-bridge/channel/payload.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/log/file_subject_keys.h"
#include "core/log/rocks_event_log.h"
#include "projections/idempotency.h"
#include "projections/rebuild/rebuild.h"
#include "projections/runner.h"
#include "projections/view_store.h"
#include "tools/store/erasures.h"

namespace muster {

/// What a store consists of, and where.
struct StoreOptions {
  std::filesystem::path log;
  std::filesystem::path views;
  std::filesystem::path subject_keys;
  std::vector<std::filesystem::path> erasures;  // Ledgers: see Erasures.
  /// Makes the Initialise that an empty log begins with; not called for any other.
  std::function<Result<Command>()> first;
  EngineOptions engine;
};

/// A log with its one writer and the views that follow it, wired: what the server serves, and what
/// tests and benchmarks use without a server. Made and destroyed by one thread; the parts say
/// which threads may use them.
class StateStore {
 public:
  /// Opens or makes all parts, and folds what the views lack. `clock` must outlive the store.
  /// Errors: as of the parts; each says what to do.
  [[nodiscard]] static Result<std::unique_ptr<StateStore>> open(const StoreOptions& options,
                                                                Clock& clock);
  StateStore(const StateStore&) = delete;
  StateStore& operator=(const StateStore&) = delete;
  ~StateStore();

  /// Lets the views follow the writer from here on. Listeners are added to `runner()` before.
  void follow();

  /// Answers what was submitted, then stops the writer and the views: after this no answer comes
  /// and no listener is called. The parts can still be read.
  void stop();

  [[nodiscard]] bool is_new() const noexcept { return is_new_; }
  [[nodiscard]] const LogIdentity& identity() const noexcept { return identity_; }
  [[nodiscard]] EventLog& log() noexcept { return *log_; }
  [[nodiscard]] const RocksEventLog& stored_log() const noexcept { return *log_; }
  [[nodiscard]] const MerkleTree& tree() const noexcept { return *log_; }
  [[nodiscard]] const RecordCodec& codec() const noexcept { return codec_; }
  [[nodiscard]] const ViewStore& views() const noexcept { return *views_; }

  /// With what the views can be folded anew. Good as long as the store.
  [[nodiscard]] RebuildParts rebuild_parts() noexcept;
  [[nodiscard]] Runner& runner() noexcept { return *runner_; }
  [[nodiscard]] Engine& engine() noexcept { return *engine_; }

 private:
  explicit StateStore(std::unique_ptr<FileSubjectKeys> keys)
      : keys_(std::move(keys)), codec_(*keys_) {}

  [[nodiscard]] Result<void> open_log(const StoreOptions& options, Clock& clock);
  [[nodiscard]] Result<void> open_views(const StoreOptions& options);
  [[nodiscard]] Result<void> start_writer(const StoreOptions& options, Clock& clock);
  [[nodiscard]] Result<void> erase_again();

  // In the order of their making: whoever is called outlives whoever calls.
  std::unique_ptr<FileSubjectKeys> keys_;
  RecordCodec codec_;
  std::unique_ptr<RocksEventLog> log_;
  bool is_new_ = false;
  LogIdentity identity_;
  std::unique_ptr<ViewStore> views_;
  std::unique_ptr<StoredIdempotency> remembered_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Erasures> erasures_;
  std::unique_ptr<Runner> runner_;
  std::vector<UserId> to_erase_;  // Whom a backup of before their erasure brought back.
};

}  // namespace muster
