#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/uuid.h"
#include "core/engine/engine.h"
#include "core/log/file_subject_keys.h"
#include "core/log/rocks_event_log.h"
#include "projections/idempotency.h"
#include "projections/runner.h"
#include "projections/view_store.h"

namespace muster::test {

/// A log on disk with its writer and its views, wired as in the server. Another one made in the
/// same folder goes on where it ended. Has an administrator and the organisation `acme`.
class System {
 public:
  explicit System(const std::filesystem::path& folder, EngineOptions options = {});
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  ~System();

  /// Lets the views follow the log; listeners are added to `runner()` before.
  void follow();

  /// No listener is called after this. Before a listener goes.
  void stop_following();

  /// Has `body` decided, as the administrator asks it; waits until it is folded, if anybody folds.
  Outcome run(CommandBody body);

  // Shorthands that must succeed. Fleets are named by their slug, releases by their commit.
  void must(CommandBody body);
  std::string fleet(std::string_view name);
  std::string release(const std::string& fleet, std::string_view digits, bool draft = false);
  Uuid device(const std::string& fleet);
  void pin(const Uuid& device, const std::string& release);
  void pin(const std::string& fleet, const std::string& release);

  [[nodiscard]] EventLog& log() { return *log_; }
  [[nodiscard]] const ViewStore& store() const { return *store_; }
  [[nodiscard]] Runner& runner() { return *runner_; }
  [[nodiscard]] Engine& engine() { return *engine_; }
  [[nodiscard]] Clock& clock() { return clock_; }

  static constexpr std::uint64_t epoch = 1;
  const Uuid id = *parse_uuid("00112233445566778899aabbccddeeff");

 private:
  // In the order of their making: whoever is called outlives whoever calls.
  SystemClock clock_;
  std::unique_ptr<FileSubjectKeys> keys_;
  std::unique_ptr<RecordCodec> codec_;
  std::unique_ptr<RocksEventLog> log_;
  std::unique_ptr<ViewStore> store_;
  std::unique_ptr<StoredIdempotency> remembered_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Runner> runner_;
  bool following_ = false;
};

}  // namespace muster::test
