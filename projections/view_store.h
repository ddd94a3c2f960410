#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"
#include "projections/store/row_table.h"
#include "projections/view_batch.h"

namespace rocksdb {
class Snapshot;
}

namespace muster {

class StoreBatch;
struct ViewGeneration;   // All rows of a view: those in use, or others that may replace them.
struct ViewGenerations;  // Those in use.

/// What is stored of a view.
struct ViewStatus {
  std::string name;
  std::uint32_t version = 0;     // Of the form of the rows.
  std::uint32_t generation = 0;  // How often they were made anew.
  Sequence position;
  std::uint64_t bytes = 0;  // On disk and in memory, about.
  std::uint64_t rows = 0;   // About.
};

/// The views of one log on disk: a table of keys and values per projection, with the position up
/// to which the log is folded into it. Disposable: never synced, never backed up; what cannot be
/// used is thrown away, and the projections fill it again.
///
/// A library error while it is in use ends the process, which says what to do. One thread
/// commits; any thread reads.
class ViewStore {
 public:
  /// Opens the views in `folder`, made if missing. Views of another log than `log`, damaged ones
  /// and those of a newer Muster are thrown away with a line in the program's log.
  /// Errors: in_use; invalid_input if `folder` holds something else; failed.
  static Result<std::unique_ptr<ViewStore>> open(const std::filesystem::path& folder,
                                                 const Uuid& log);

  /// Opens the views in `folder` as they are, and changes nothing: not to be written to.
  /// Errors: in_use; corrupt; incompatible, also if they are of another log; invalid_input if there
  /// are none; failed.
  static Result<std::unique_ptr<ViewStore>> open_to_read(const std::filesystem::path& folder,
                                                         const Uuid& log);
  ViewStore(const ViewStore&) = delete;
  ViewStore& operator=(const ViewStore&) = delete;
  ~ViewStore();

  /// Makes `view` ready to hold rows in their form `version`: those stored, or none if they were
  /// stored in another form. Before other threads read. Returns its position.
  /// Errors: failed.
  [[nodiscard]] Result<Sequence> prepare(std::string_view view, std::uint32_t version);

  /// Every event up to here is in `view`; 0 if there is none. Any thread.
  [[nodiscard]] Sequence position(std::string_view view) const;

  /// The newest value; nullopt if there is none. Any thread.
  [[nodiscard]] std::optional<std::string> get(std::string_view view, std::string_view key) const;

  /// Commits all changes and positions of `batches`, one a view: all or none.
  void commit(std::span<const std::unique_ptr<StoreBatch>> batches);

  /// All views, by name. Any thread.
  [[nodiscard]] std::vector<ViewStatus> views() const;

  /// Makes other rows of `view`, in their form `version`, of what is in `files`: tables in the
  /// order of their keys, which are moved here (SortedFiles makes them). Nobody reads them before
  /// `switch_to`; a next `open` forgets them. Any thread. Errors: failed.
  using Rows = std::shared_ptr<ViewGeneration>;
  [[nodiscard]] Result<Rows> add_rows(std::string_view view, std::uint32_t version,
                                      const std::vector<std::filesystem::path>& files,
                                      Sequence position);

  /// From now on `rows`, with all that was committed to them, are those in use: durable on return,
  /// all at once for whoever reads. Nobody else commits meanwhile. Returns the rows used before.
  Rows switch_to(Rows rows);

  /// Forgets rows that are not in use, once nobody reads them. Any thread.
  void drop(const Rows& rows);

  /// Where rows that are folded anew may wait, on the same disk.
  [[nodiscard]] std::filesystem::path work_folder() const;

  /// Has the views thrown away by the next `open`.
  void mark_damaged() const;

  /// Ends the process over rows that make no sense; the next start makes the views anew.
  [[noreturn]] void end_damaged(std::string_view what) const;

 private:
  friend class StoreBatch;
  friend class ViewSnapshot;
  class Impl;
  explicit ViewStore(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

/// Changes of one view that are committed together.
class StoreBatch final : public ViewBatch {
 public:
  /// To the rows in use. `store` must outlive the batch; `view` must be prepared.
  StoreBatch(const ViewStore& store, std::string_view view);

  /// To rows that may replace those in use.
  StoreBatch(const ViewStore& store, std::shared_ptr<ViewGeneration> rows)
      : store_(store), rows_(std::move(rows)) {}

  [[nodiscard]] std::optional<std::string> get(std::string_view key) const override;
  void put(std::string_view key, std::string_view value) override;
  void erase(std::string_view key) override;
  void put_unread(std::string_view key, std::string_view value) override;

  /// Every event up to `position` is in the view once this is committed.
  void reach(Sequence position) { position_ = position; }

  [[noreturn]] void end_damaged(std::string_view what) const override { store_.end_damaged(what); }

 private:
  friend class ViewStore;

  const ViewStore& store_;
  const std::shared_ptr<ViewGeneration> rows_;
  Sequence position_;
  RowTable changes_;
};

/// The views as of one moment, whatever is committed meanwhile. Cheap to make; holding one for
/// long keeps old values on disk. One thread at a time.
class ViewSnapshot {
 public:
  /// `store` must outlive the snapshot.
  explicit ViewSnapshot(const ViewStore& store);
  ViewSnapshot(const ViewSnapshot&) = delete;
  ViewSnapshot& operator=(const ViewSnapshot&) = delete;
  ~ViewSnapshot();

  [[nodiscard]] Sequence position(std::string_view view) const;
  [[nodiscard]] std::optional<std::string> get(std::string_view view, std::string_view key) const;

  /// The same for many keys at once, which is cheaper; in their order.
  [[nodiscard]] std::vector<std::optional<std::string>> get_all(
      std::string_view view, std::span<const std::string> keys) const;

  /// Calls `sink` with each key that starts with `prefix` and is not below `from`, in order,
  /// until it returns false. The bytes are good during the call only.
  struct Range {
    std::string_view prefix;
    std::string_view from;  // Empty: from the first one; backwards, from the last.
  };
  using Sink = std::function<bool(std::string_view key, std::string_view value)>;
  void scan(std::string_view view, const Range& range, const Sink& sink) const;

  /// The same backwards: each key that starts with `prefix` and is not above `from`.
  void scan_back(std::string_view view, const Range& range, const Sink& sink) const;

  /// Calls `sink` with each key of the view in order, until it returns false: for reading all.
  void scan_all(std::string_view view, const Sink& sink) const;

  /// See ViewStore.
  [[noreturn]] void end_damaged(std::string_view what) const { store_.end_damaged(what); }

 private:
  const ViewStore& store_;
  std::shared_ptr<const ViewGenerations> rows_;
  const rocksdb::Snapshot* snapshot_;
};

}  // namespace muster
