#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "core/log/file_subject_keys.h"
#include "core/log/rocks_event_log.h"
#include "projections/rebuild/rebuild.h"
#include "projections/runner.h"
#include "projections/view_store.h"

namespace muster {

/// The views in a data folder that no server uses.
class OfflineViews {
 public:
  /// To be looked at as they are, or to be rebuilt: then they are first folded up to the log's
  /// head. Errors: in_use, saying to leave out --data; as of the parts.
  enum class For { reading, rebuilding };
  [[nodiscard]] static Result<std::unique_ptr<OfflineViews>> open(const std::filesystem::path& data,
                                                                  For use);

  [[nodiscard]] const ViewStore& views() const noexcept { return *views_; }
  [[nodiscard]] Sequence head() const { return log_->head(); }
  [[nodiscard]] const RocksEventLog& log() const noexcept { return *log_; }

  /// Good as long as this object.
  [[nodiscard]] RebuildParts parts() noexcept;

 private:
  OfflineViews() = default;
  [[nodiscard]] Result<void> open_parts(const std::filesystem::path& data, For use);

  std::unique_ptr<RocksEventLog> log_;
  std::unique_ptr<FileSubjectKeys> keys_;
  std::unique_ptr<RecordCodec> codec_;
  Uuid identity_;
  std::unique_ptr<ViewStore> views_;
  std::unique_ptr<Runner> runner_;  // Only to rebuild.
};

}  // namespace muster
