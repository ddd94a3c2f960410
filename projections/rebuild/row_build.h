#pragma once

#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/event.h"
#include "projections/projection.h"
#include "projections/rebuild/rows/row_cursor.h"
#include "projections/rebuild/rows/sorted_run.h"
#include "projections/store/row_table.h"
#include "projections/view_batch.h"

namespace muster {

class EventLog;

/// What is folded, and where the rows wait.
struct BuildOptions {
  std::filesystem::path folder;  // Its own.
  Uuid log;
  std::string view;
  std::uint32_t version = 0;  // Of the form of the rows.
  std::size_t table_bytes = std::size_t{96} << 20U;
};

/// The rows of a view while it is folded anew, apart from those in use: in memory, and what does
/// not fit there in sorted runs on disk. After `save`, or a kill, the next one in the same folder
/// goes on from what is on disk, if it is of the same log and view. One thread.
class RowBuild final : public ViewBatch {
 public:
  /// `log` must outlive it. Errors: failed.
  [[nodiscard]] static Result<std::unique_ptr<RowBuild>> open(BuildOptions options,
                                                              const EventLog& log);
  RowBuild(const RowBuild&) = delete;
  RowBuild& operator=(const RowBuild&) = delete;
  ~RowBuild() override;

  /// Every event up to here is folded.
  [[nodiscard]] Sequence position() const noexcept { return position_; }

  /// Folds `events`, which follow. Errors: corrupt, failed; it is of no more use then.
  [[nodiscard]] Result<void> fold(Projection& projection, std::span<const Recorded> events);

  /// Has `projection`, which folded all, write what it holds back; then no more is folded.
  [[nodiscard]] Result<void> finish(Projection& projection);

  /// Keeps all that is folded on disk. Errors: as of `fold`.
  [[nodiscard]] Result<void> save(Projection& projection);

  /// All rows in order, after `finish`. Good until the next call of anything else.
  [[nodiscard]] std::unique_ptr<RowCursor> rows() const;

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void put_unread(std::string_view key, std::string_view value) override;
  [[noreturn]] void end_damaged(std::string_view what) const override;

 private:
  struct Stopped;  // Thrown through a fold, and caught here.

  RowBuild(BuildOptions options, const EventLog& log);
  [[nodiscard]] Result<void> take_up();
  [[nodiscard]] Result<void> start_over();
  [[nodiscard]] Result<void> spill();
  [[nodiscard]] Result<void> await_run();
  [[nodiscard]] Result<void> keep_progress(Sequence position);
  template <typename Work>
  [[nodiscard]] Result<void> guarded(const Work& work);

  const BuildOptions options_;
  const EventLog& log_;
  Sequence position_;
  std::size_t unfinished_ = 0;  // Events since the projection wrote back.
  RowTable table_;
  std::vector<std::unique_ptr<SortedRun>> runs_;
  std::vector<std::uint64_t> run_sizes_;
  std::unique_ptr<RowTable> writing_;  // Becomes the next run; only read.
  Sequence writing_position_;
  std::future<Result<std::unique_ptr<SortedRun>>> written_;  // Last: it uses `writing_`.
};

/// Whether something to go on with is in `folder`, and from where; nullopt if not.
[[nodiscard]] std::optional<Sequence> unfinished_build(const std::filesystem::path& folder);

}  // namespace muster
