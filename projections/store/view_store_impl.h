#pragma once

#include <rocksdb/db.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "projections/store/view_folder.h"
#include "projections/view_store.h"

// Inside of the view store: only view_store*.cc include this.

namespace muster {

/// An empty text may have no bytes to point at; RocksDB compares them all the same.
inline rocksdb::Slice slice(std::string_view text) {
  return {text.empty() ? "" : text.data(), text.size()};
}

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

using Family = std::shared_ptr<rocksdb::ColumnFamilyHandle>;

struct ViewGeneration {
  std::string view;
  std::uint32_t version = 0;
  std::uint32_t number = 0;
  Family family;  // Its rows stay as long as anybody holds it, dropped or not.
  bool in_use = false;
  std::atomic<std::uint64_t> position{0};

  [[nodiscard]] ViewEntry entry(Sequence at) const { return {version, number, at}; }
};

struct ViewGenerations {
  std::vector<std::shared_ptr<ViewGeneration>> all;

  [[nodiscard]] std::shared_ptr<ViewGeneration> find(std::string_view name) const {
    const auto found = std::ranges::find(all, name, [](const auto& each) { return each->view; });
    return found == all.end() ? nullptr : *found;
  }
};

class ViewStore::Impl {
 public:
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

  /// The rows in use now.
  [[nodiscard]] std::shared_ptr<const ViewGenerations> generations() const {
    const std::shared_lock lock(mutex);
    return in_use;
  }

  [[nodiscard]] Rows find(std::string_view name) const { return generations()->find(name); }

  [[nodiscard]] Rows prepared(std::string_view name) const {
    Rows rows = find(name);
    MUSTER_ASSERT(rows != nullptr, "a view is prepared before it is written");
    return rows;
  }

  /// Has `rows` take the place of those of the same view, which are given back. `write` is called
  /// while nobody begins to read.
  Rows put_in_use(Rows rows, const std::function<void()>& write);

  [[nodiscard]] std::optional<std::string> get(rocksdb::ColumnFamilyHandle* family,
                                               std::string_view key,
                                               const rocksdb::Snapshot* snapshot) const;
  [[nodiscard]] Family hold(rocksdb::ColumnFamilyHandle* handle) const {
    return {handle, [db = db.get()](auto* each) { db->DestroyColumnFamilyHandle(each); }};
  }
  /// Rows of their own, without any. Errors: failed.
  Result<Rows> make_generation(std::string_view name, const ViewEntry& entry);
  /// Moves tables into the rows, which have none. Errors: failed.
  Result<void> take_in(const ViewGeneration& rows, const std::vector<std::filesystem::path>& files);

  /// Ends the process unless `status` is good.
  void check(const rocksdb::Status& status) const;
  [[noreturn]] void end_process(std::string_view what) const;
  [[nodiscard]] Error error_of(const rocksdb::Status& status) const;

  bool read_only = false;
  std::unique_ptr<ViewFolder> folder;
  rocksdb::ColumnFamilyOptions options;  // Shared by all, and with them the block cache.
  std::unique_ptr<rocksdb::DB> db;
  std::vector<Family> families;  // Those found by `load`, until it is over.
  mutable std::shared_mutex mutex;
  std::shared_ptr<const ViewGenerations> in_use = std::make_shared<ViewGenerations>();  // Guarded.

 private:
  Result<void> open_database();
  Result<void> check_marks(const Uuid& log);
  Result<void> load_views();
  Result<void> drop_unused();
};

}  // namespace muster
