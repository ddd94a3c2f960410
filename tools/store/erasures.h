#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/state.h"
#include "core/log/file_subject_keys.h"
#include "projections/runner.h"
#include "projections/view_store.h"
#include "tools/store/erasure_ledger.h"

namespace muster {

/// Carries out what UserErased says: destroys the key, notes it in the ledgers, and has the views,
/// in whose files older rows may still be, made anew by the next start.
class Erasures final : public FoldListener {
 public:
  /// The references must outlive it. `ledgers`: files; the first one counts, the others are copies
  /// for folders that are there.
  Erasures(FileSubjectKeys& keys, const ViewStore& views,
           std::vector<std::filesystem::path> ledgers, const Uuid& log)
      : keys_(keys), views_(views), ledgers_(std::move(ledgers)), log_(log) {}

  /// Does what a crash left undone, and destroys the keys of all who are in the ledger. Returns
  /// those of them who are not erased in `state`: a backup of before brought them back.
  /// Errors: corrupt; failed.
  [[nodiscard]] Result<std::vector<UserId>> settle(const State& state) const;

  /// Ends the process if it cannot be done: the next start does it.
  void on_folded(std::span<const Recorded> events) override;

 private:
  [[nodiscard]] Result<void> erase(const std::vector<Erasure>& erasures) const;

  FileSubjectKeys& keys_;
  const ViewStore& views_;
  const std::vector<std::filesystem::path> ledgers_;
  const Uuid log_;
};

}  // namespace muster
