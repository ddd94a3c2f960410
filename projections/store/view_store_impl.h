#pragma once

#include <rocksdb/db.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "projections/store/view_folder.h"
#include "projections/view_store.h"

// Inside of the view store: only view_store*.cc include this.

namespace muster {

inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

/// What is stored of a view beside its rows, in the default column family.
struct ViewEntry {
  std::uint32_t version = 0;     // Of the form of the rows.
  std::uint32_t generation = 0;  // The rows are in the column family `<name>.<generation>`.
  Sequence position;
};

inline constexpr std::string_view view_entry_prefix = "view/";

std::string key_of_view(std::string_view name);
std::string encode(const ViewEntry& entry);
std::optional<ViewEntry> decode_entry(std::string_view bytes);

rocksdb::DBOptions database_options();
rocksdb::ColumnFamilyOptions family_options();

class ViewStore::Impl {
 public:
  struct View {
    std::string name;
    std::uint32_t version = 0;
    std::uint32_t generation = 0;
    rocksdb::ColumnFamilyHandle* family = nullptr;
    std::atomic<std::uint64_t> position{0};
  };

  explicit Impl(std::unique_ptr<ViewFolder> held)
      : folder(std::move(held)), options(family_options()) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { close(); }

  /// Errors: corrupt or incompatible if the database is to be thrown away; failed.
  Result<void> load(const Uuid& log);
  /// The same of views that are only read.
  Result<void> load_to_read(const Uuid& log);
  void close();

  [[nodiscard]] View* find(std::string_view name) const {
    const auto found = std::ranges::find(views, name, [](const auto& view) { return view->name; });
    return found == views.end() ? nullptr : found->get();
  }

  [[nodiscard]] View& prepared(std::string_view name) const {
    View* view = find(name);
    MUSTER_ASSERT(view != nullptr, "a view is prepared before it is written");
    return *view;
  }

  [[nodiscard]] std::optional<std::string> get(rocksdb::ColumnFamilyHandle* family,
                                               std::string_view key,
                                               const rocksdb::Snapshot* snapshot) const;
  Result<rocksdb::ColumnFamilyHandle*> start_generation(std::string_view name,
                                                        const ViewEntry& entry);

  /// Ends the process unless `status` is good.
  void check(const rocksdb::Status& status) const;
  [[noreturn]] void end_process(std::string_view what) const;
  [[nodiscard]] Error error_of(const rocksdb::Status& status) const;

  bool read_only = false;
  std::unique_ptr<ViewFolder> folder;
  rocksdb::ColumnFamilyOptions options;  // Shared by all, and with them the block cache.
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::vector<std::unique_ptr<View>> views;

 private:
  Result<void> open_database();
  Result<void> check_marks(const Uuid& log);
  Result<void> load_views();
  Result<void> drop_unused();
};

}  // namespace muster
