#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

#include "core/base/uuid.h"
#include "tools/agent/device.h"

namespace muster::agent {

struct HookOptions {
  std::filesystem::path program;
  std::chrono::milliseconds time_max = std::chrono::minutes(30);

  /// From SIGTERM to SIGKILL.
  std::chrono::milliseconds grace = std::chrono::seconds(10);
};

struct StepJob {
  Uuid device;
  std::filesystem::path folder;  // The device's own; must exist.
  StartStep step;
};

inline constexpr int timed_out_code = 124;    // As timeout(1) has it.
inline constexpr int not_started_code = 127;  // As a shell has it.

/// The deed of an action, for a hook.
struct DeedJob {
  Uuid device;
  std::filesystem::path folder;  // The device's own; must exist.
  StartDeed deed;
};

/// Runs `PROGRAM download|apply` and waits for its end. It gets MUSTER_DEVICE, MUSTER_STEP,
/// MUSTER_COMMIT, MUSTER_SEMVER, MUSTER_RELEASE_ID, MUSTER_MANIFEST (a file), MUSTER_FOLDER and
/// MUSTER_PREVIOUS_COMMIT (may be empty) in its environment. A line `progress N` on its standard
/// output calls `on_progress`, at most ten times a second. Exit code 0: done; else the last line
/// of its standard error is the message. 128 + N: ended by signal N.
///
/// On a stop request or past the time limit its whole process group gets SIGTERM, then SIGKILL.
/// What it leaves behind in the background after a normal end lives on.
///
/// A hook may be started again for the same release, after a crash in the middle too: it must
/// take up what it finds.
StepFinished run_hook(const HookOptions& options, const StepJob& job,
                      const std::function<void(int)>& on_progress, const std::stop_token& stop);

/// Runs `PROGRAM restart|purge|reboot|shutdown|os-update|blink` likewise, and, before an os-update
/// is done again, `PROGRAM os-update-check`, whose exit code is the update's, or `not_done_code`.
/// It gets MUSTER_DEVICE, MUSTER_ACTION, MUSTER_ACTION_N, MUSTER_ACTION_ID, MUSTER_ACTION_ARGS
/// (JSON), MUSTER_ACTION_AGAIN (0 or 1) and MUSTER_FOLDER.
DeedFinished run_hook(const HookOptions& options, const DeedJob& job,
                      const std::function<void(int)>& on_progress, const std::stop_token& stop);

inline constexpr int not_done_code = 75;  // EX_TEMPFAIL of sysexits.h.

}  // namespace muster::agent
