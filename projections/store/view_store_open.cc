#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/base/log.h"
#include "projections/store/view_store_impl.h"

namespace muster {
namespace {

// Beside the entries of the views, the default column family says who the views are of.
constexpr std::string_view log_key = "log";
constexpr std::string_view format_key = "format";
constexpr std::uint32_t format_now = 1;

std::string number(std::uint32_t value) {
  std::string bytes;
  append_big_endian(bytes, value);
  return bytes;
}

}  // namespace

rocksdb::DBOptions database_options() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.max_total_wal_size = 64U << 20U;  // Bounds the replay at the next start.
  options.max_background_jobs = 2;
  options.keep_log_file_num = 2;
  options.max_log_file_size = 4U << 20U;
  options.allow_concurrent_memtable_write = false;  // One thread writes.
  return options;
}

rocksdb::ColumnFamilyOptions family_options() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(64U << 20U);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false));
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Measured: what is sorted and written again by flushes and compactions takes the writer's time.
  options.write_buffer_size = 16U << 20U;
  options.level0_file_num_compaction_trigger = 8;
  options.memtable_prefix_bloom_size_ratio = 0.05;
  options.memtable_whole_key_filtering = true;
  // Batches come in key order: an insert starts from where the one before ended.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  options.compression = rocksdb::kLZ4Compression;
  return options;
}

Result<void> ViewStore::Impl::open_database() {
  const auto path = folder->database();
  std::error_code ignored;
  std::vector<std::string> names{rocksdb::kDefaultColumnFamilyName};
  if (std::filesystem::exists(path / "CURRENT", ignored)) {
    const auto listed = rocksdb::DB::ListColumnFamilies(database_options(), path.string(), &names);
    if (!listed.ok()) return tl::unexpected(error_of(listed));
  } else if (std::filesystem::exists(path, ignored)) {
    return fail(ErrorCode::corrupt, fmt::format("{}: the file CURRENT is missing", path.string()));
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  wanted.reserve(names.size());
  for (const auto& name : names) wanted.emplace_back(name, options);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const auto status =
      read_only ? rocksdb::DB::OpenForReadOnly(database_options(), path.string(), wanted, &handles,
                                               &opened)
                : rocksdb::DB::Open(database_options(), path.string(), wanted, &handles, &opened);
  db.reset(opened);
  families.reserve(handles.size());
  for (auto* const handle : handles) families.push_back(hold(handle));
  if (!status.ok()) return tl::unexpected(error_of(status));
  return {};
}

Result<void> ViewStore::Impl::check_marks(const Uuid& log) {
  auto* meta = db->DefaultColumnFamily();
  const auto stored_log = get(meta, log_key, nullptr);
  if (!stored_log && families.size() == 1 && !read_only) {
    rocksdb::WriteBatch marks;
    check(marks.Put(slice(log_key), slice(as_text(log.bytes))));
    check(marks.Put(slice(format_key), number(format_now)));
    check(db->Write({}, &marks));
    return {};
  }
  if (get(meta, format_key, nullptr) != number(format_now)) {
    return fail(ErrorCode::incompatible, "they are in another format than this Muster's");
  }
  if (stored_log != as_text(log.bytes)) {
    return fail(ErrorCode::incompatible, "they are views of another log");
  }
  return {};
}

Result<void> ViewStore::Impl::load_views() {
  auto found = std::make_shared<ViewGenerations>();
  const std::unique_ptr<rocksdb::Iterator> rows(db->NewIterator({}));
  for (rows->Seek(slice(view_entry_prefix));
       rows->Valid() && rows->key().starts_with(slice(view_entry_prefix)); rows->Next()) {
    const auto entry = decode_entry(rows->value().ToStringView());
    const auto name = rows->key().ToStringView().substr(view_entry_prefix.size());
    if (!entry) {
      return fail(ErrorCode::corrupt, fmt::format("the entry of view {} is damaged", name));
    }
    const auto family_name = fmt::format("{}.{}", name, entry->generation);
    const auto family = std::ranges::find(families, family_name,
                                          [](const Family& each) { return each->GetName(); });
    if (family == families.end()) {
      return fail(ErrorCode::corrupt, fmt::format("the rows of view {} are missing", name));
    }
    auto view = std::make_shared<ViewGeneration>();
    view->view = name;
    view->version = entry->version;
    view->number = entry->generation;
    view->family = *family;
    view->in_use = true;
    view->position = entry->position.value();
    found->all.push_back(std::move(view));
  }
  if (!rows->status().ok()) return tl::unexpected(error_of(rows->status()));
  in_use = std::move(found);
  return {};
}

/// Drops what a stop in the middle of `prepare` or a rebuild left behind.
Result<void> ViewStore::Impl::drop_unused() {
  std::set<rocksdb::ColumnFamilyHandle*> used;
  for (const auto& view : in_use->all) used.insert(view->family.get());
  for (const Family& family : families) {
    const bool is_default = family->GetName() == rocksdb::kDefaultColumnFamilyName;
    if (is_default || used.contains(family.get())) continue;
    const auto dropped = db->DropColumnFamily(family.get());
    if (!dropped.ok()) return tl::unexpected(error_of(dropped));
  }
  families.clear();
  return {};
}

Result<void> ViewStore::Impl::load(const Uuid& log) {
  return open_database()
      .and_then([&] { return check_marks(log); })
      .and_then([&] { return load_views(); })
      .and_then([&] { return drop_unused(); });
}

Result<void> ViewStore::Impl::load_to_read(const Uuid& log) {
  read_only = true;
  return open_database()
      .and_then([&] {
        // What is damaged further in would end the process that reads it.
        const auto whole = db->VerifyChecksum();
        return whole.ok() ? Result<void>() : tl::unexpected(error_of(whole));
      })
      .and_then([&] { return check_marks(log); })
      .and_then([&] { return load_views(); });
}

Result<std::unique_ptr<ViewStore>> ViewStore::open_to_read(const std::filesystem::path& folder,
                                                           const Uuid& log) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / "db" / "CURRENT", ignored)) {
    return fail(ErrorCode::invalid_input, fmt::format("there are no views in {}", folder.string()));
  }
  auto held = ViewFolder::hold(folder);
  if (!held) return tl::unexpected(std::move(held).error());
  auto impl = std::make_unique<Impl>(std::move(*held));
  if (auto loaded = impl->load_to_read(log); !loaded) {
    return tl::unexpected(std::move(loaded).error());
  }
  return std::unique_ptr<ViewStore>(new ViewStore(std::move(impl)));
}

Result<std::unique_ptr<ViewStore>> ViewStore::open(const std::filesystem::path& folder,
                                                   const Uuid& log) {
  auto held = ViewFolder::hold(folder);
  if (!held) return tl::unexpected(std::move(held).error());
  auto impl = std::make_unique<Impl>(std::move(*held));
  Result<void> loaded = impl->folder->damaged()
                            ? fail(ErrorCode::corrupt, "they were found damaged while in use")
                            : impl->load(log);
  if (!loaded && loaded.error().code != ErrorCode::failed) {
    log_warn("views thrown away, they are made again from the log: folder={} why={}",
             folder.string(), loaded.error().message);
    impl->close();
    loaded = impl->folder->discard().and_then([&] { return impl->load(log); });
  }
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  return std::unique_ptr<ViewStore>(new ViewStore(std::move(impl)));
}

}  // namespace muster
