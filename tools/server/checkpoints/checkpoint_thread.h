#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.h"
#include "core/log/checkpoint/checkpoint_signer.h"

namespace muster {

/// Has the tree of the log signed: at once, then every so often if there are new events, and when
/// somebody asks. On a thread of its own, so that no writer and no reader waits for the disk.
class CheckpointThread {
 public:
  /// Called once, on this thread; must only hand over.
  using Done = std::function<void(const Result<SignedCheckpoint>&)>;

  CheckpointThread(std::unique_ptr<CheckpointSigner> signer, std::chrono::milliseconds every);
  CheckpointThread(const CheckpointThread&) = delete;
  CheckpointThread& operator=(const CheckpointThread&) = delete;

  /// Ends after the signature in hand; requests that wait get unavailable.
  ~CheckpointThread();

  /// Signs what is durable now, and says what came of it. Any thread; does not block.
  void request(Done done);

  /// What was signed last; nullopt before the first. Any thread.
  [[nodiscard]] std::optional<SignedCheckpoint> latest() const { return signer_->latest(); }

  /// What others check signatures with. Any thread.
  [[nodiscard]] const NoteVerifier& verifier() const noexcept { return signer_->verifier(); }

  /// Why the last attempt failed; empty if it did not. Any thread.
  [[nodiscard]] std::string problem() const;

 private:
  void run(const std::stop_token& stop);
  void note_outcome(const Result<SignedCheckpoint>& outcome);

  const std::unique_ptr<CheckpointSigner> signer_;
  const std::chrono::milliseconds every_;
  mutable std::mutex mutex_;
  std::condition_variable_any asked_;
  std::vector<Done> requests_;  // Guarded by mutex_.
  std::string problem_;         // Guarded by mutex_.
  std::jthread thread_;         // Last: it uses all of the above.
};

}  // namespace muster
