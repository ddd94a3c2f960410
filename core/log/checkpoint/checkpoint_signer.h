#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/log/checkpoint/checkpoint.h"
#include "core/log/checkpoint/note_key.h"

namespace muster {

/// A checkpoint with its signature.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  std::string note;
};

/// Signs which tree a log has, and never two trees of which one does not begin with the other: what
/// was signed last is on disk before the signature leaves, and each tree must continue that one.
///
/// One thread signs; any thread reads.
class CheckpointSigner {
 public:
  /// Where what is kept: docs/operating.md.
  struct Files {
    std::filesystem::path key;       // Private.
    std::filesystem::path latest;    // What was signed last.
    std::filesystem::path verifier;  // What others check signatures with.
  };

  /// Who signs.
  struct Options {
    std::string name;  // Of the log, in its origin; empty: as before, else `muster`.
    Uuid log;
    std::uint64_t epoch = 0;
  };

  /// Goes on with what is in `files`; makes a key if nothing was ever signed. After a new epoch it
  /// begins anew, and the program's log says so. `tree` must outlive it.
  /// Errors: invalid_input for a name that cannot be one or is not the one of before; corrupt, with
  /// what to do; failed.
  [[nodiscard]] static Result<std::unique_ptr<CheckpointSigner>> open(Files files,
                                                                      const Options& options,
                                                                      const MerkleTree& tree);
  CheckpointSigner(const CheckpointSigner&) = delete;
  CheckpointSigner& operator=(const CheckpointSigner&) = delete;
  ~CheckpointSigner() = default;

  /// Signs the tree as it is, unless that is signed already.
  /// Errors: corrupt if the tree does not continue the one that was signed last: it is never signed
  /// then; failed.
  [[nodiscard]] Result<SignedCheckpoint> sign();

  /// What was signed last; nullopt before the first. Any thread.
  [[nodiscard]] std::optional<SignedCheckpoint> latest() const;

  /// What others check signatures with. Any thread.
  [[nodiscard]] const NoteVerifier& verifier() const noexcept { return signer_.verifier(); }

 private:
  CheckpointSigner(Files files, NoteSigner signer, const MerkleTree& tree)
      : files_(std::move(files)), signer_(std::move(signer)), tree_(tree) {}

  [[nodiscard]] Result<void> check_continues(const TreeHead& signed_before,
                                             const TreeHead& head) const;

  const Files files_;
  const NoteSigner signer_;
  const MerkleTree& tree_;
  mutable std::mutex mutex_;
  std::optional<SignedCheckpoint> latest_;  // Guarded by mutex_.
};

}  // namespace muster
