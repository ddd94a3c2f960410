#pragma once

#include <filesystem>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/log/disk/posix_file.h"
#include "core/log/disk/secret_file.h"
#include "tools/store/erasure_ledger.h"

namespace muster {

/// Where a server keeps what: the layout of its data folder (docs/operating.md).
class DataFolder {
 public:
  /// Makes the folder if it is missing and keeps it for this process.
  /// Errors: in_use if another server has it; incompatible if a restore into it was not finished;
  /// failed.
  [[nodiscard]] static Result<DataFolder> open(const std::filesystem::path& root);

  /// The same for a restore: of an earlier one that was cut short, nothing is left. Nobody else
  /// opens the folder before `restored`.
  /// Errors: invalid_input if something else is in it; in_use; failed.
  [[nodiscard]] static Result<DataFolder> open_to_restore(const std::filesystem::path& root);

  /// It is whole: others may open it. Errors: failed.
  [[nodiscard]] Result<void> restored() const;

  [[nodiscard]] std::filesystem::path log() const { return root_ / "log"; }
  [[nodiscard]] std::filesystem::path views() const { return root_ / "views"; }
  [[nodiscard]] std::filesystem::path refusals() const { return root_ / "refusals"; }
  [[nodiscard]] std::filesystem::path broker() const { return root_ / "broker"; }
  [[nodiscard]] std::filesystem::path subject_keys() const { return root_ / "keys" / "subjects"; }
  [[nodiscard]] std::filesystem::path erasures() const { return keys() / erasures_name; }
  [[nodiscard]] std::filesystem::path keys() const { return root_ / "keys"; }
  [[nodiscard]] std::filesystem::path token_key() const { return root_ / "keys" / "tokens"; }
  [[nodiscard]] std::filesystem::path device_key() const {
    return root_ / "keys" / "device-tokens.pem";
  }
  [[nodiscard]] std::filesystem::path previous_device_key() const {
    return root_ / "keys" / "device-tokens-previous.pem";
  }
  [[nodiscard]] std::filesystem::path checkpoint_key() const {
    return root_ / "keys" / "checkpoint.pem";
  }
  [[nodiscard]] std::filesystem::path checkpoint() const { return root_ / "checkpoint"; }
  [[nodiscard]] std::filesystem::path checkpoint_verifier() const {
    return root_ / "checkpoint.vkey";
  }
  [[nodiscard]] std::filesystem::path admin_token() const { return root_ / "admin.token"; }

 private:
  DataFolder(std::filesystem::path root, PosixFile lock)
      : root_(std::move(root)), lock_(std::move(lock)) {}

  std::filesystem::path root_;
  PosixFile lock_;
};

/// The 32 random bytes in `file`, made if it is missing.
/// Errors: corrupt if the file holds anything else; failed.
[[nodiscard]] Result<Digest> load_or_make_secret(const std::filesystem::path& file);

}  // namespace muster
