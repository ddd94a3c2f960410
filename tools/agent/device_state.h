#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "tools/agent/actions/action_memory.h"
#include "tools/agent/channel/messages.h"

namespace muster::agent {

/// What a device must still know after a power cut.
struct DeviceState {
  Position position;               // Of the newest target ever accepted.
  std::string target;              // Its payload, byte for byte; empty: there is none (any more).
  std::optional<Release> running;  // nullopt: nothing was ever applied.
  std::string boot;                // Of the last start.

  /// An apply has begun and none has succeeded since: `running` may be damaged, apply it again
  /// before calling it done.
  bool apply_open = false;

  ActionMemory actions;

  friend bool operator==(const DeviceState&, const DeviceState&) = default;
};

/// `state.json` in the folder of one device. One owner, one thread.
class StateFile {
 public:
  /// `folder` must exist.
  explicit StateFile(std::filesystem::path folder);

  /// The stored state; an empty one if there is none. A damaged file is set aside, with a line in
  /// the log: the device starts as new and takes the next target, whichever it is.
  /// Errors: failed (cannot read or set aside), incompatible (written by a newer agent).
  [[nodiscard]] Result<DeviceState> load();

  /// Replaces the file in one step: after a crash it holds the old or the new state, whole. On
  /// success the new state is on disk.
  /// Errors: failed.
  [[nodiscard]] Result<void> save(const DeviceState& state);

 private:
  Result<DeviceState> set_aside(std::string_view why);

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

}  // namespace muster::agent
