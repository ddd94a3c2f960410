#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/log/event_log.h"

namespace muster::bench {

/// What to push through the engine.
struct EngineLoad {
  std::size_t pins = 0;  // Commands, each of which pins one device elsewhere: one event.
  bool keys = false;     // Each command has an idempotency key.
};

/// How that went.
struct EngineRun {
  std::chrono::nanoseconds elapsed{0};  // From the first command to the last durable answer.
  std::chrono::nanoseconds folded{0};   // From the first command until all views have them.
  Engine::Timings timings;              // Of this run.
  std::vector<Record> records;          // What was appended, in order.
};

/// Log, writer and views on disk, wired as in the server, with a fleet whose devices can be
/// pinned back and forth. They stay open from one run to the next. One thread.
class EngineStand {
 public:
  /// Makes everything in `folder`, which must be empty. The engine's batches are cut at
  /// `batch_events` events. Errors: as of the parts.
  [[nodiscard]] static Result<std::unique_ptr<EngineStand>> make(
      const std::filesystem::path& folder, std::size_t devices, std::size_t batch_events);

  EngineStand(const EngineStand&) = delete;
  EngineStand& operator=(const EngineStand&) = delete;
  ~EngineStand();

  /// Runs `load` with many commands in flight, so that batches fill. Returns when it is folded.
  /// Errors: failed if a command is refused.
  [[nodiscard]] Result<EngineRun> run(const EngineLoad& load);

 private:
  class Parts;
  explicit EngineStand(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
