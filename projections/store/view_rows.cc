#include <fmt/format.h>
#include <rocksdb/db.h>

#include <mutex>
#include <utility>

#include "projections/store/view_store_impl.h"

// How the rows of a view are replaced by others.

namespace muster {
namespace {

std::uint64_t number_of(rocksdb::DB& db, const Family& family, const std::string& property) {
  std::uint64_t value = 0;
  return db.GetIntProperty(family.get(), property, &value) ? value : 0;
}

}  // namespace

Result<ViewStore::Rows> ViewStore::Impl::make_generation(std::string_view name,
                                                         const ViewEntry& entry) {
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  const auto status =
      db->CreateColumnFamily(options, fmt::format("{}.{}", name, entry.generation), &handle);
  if (!status.ok()) return tl::unexpected(error_of(status));
  auto rows = std::make_shared<ViewGeneration>();
  rows->view = name;
  rows->version = entry.version;
  rows->number = entry.generation;
  rows->family = hold(handle);
  rows->position = entry.position.value();
  return rows;
}

Result<void> ViewStore::Impl::take_in(const ViewGeneration& rows,
                                      const std::vector<std::filesystem::path>& files) {
  if (files.empty()) return {};
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  ingest.failed_move_fall_back_to_copy = true;
  ingest.snapshot_consistency = false;  // No snapshot from before can reach these rows.
  ingest.write_global_seqno = false;
  ingest.verify_checksums_before_ingest = true;
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& file : files) names.push_back(file.string());
  const auto status = db->IngestExternalFile(rows.family.get(), names, ingest);
  if (!status.ok()) return tl::unexpected(error_of(status));
  return {};
}

ViewStore::Rows ViewStore::Impl::put_in_use(Rows rows, const std::function<void()>& write) {
  const std::scoped_lock lock(mutex);
  auto changed = std::make_shared<ViewGenerations>(*in_use);
  Rows before = changed->find(rows->view);
  if (before != nullptr) {
    std::erase(changed->all, before);
    before->in_use = false;
  }
  rows->in_use = true;
  changed->all.push_back(std::move(rows));
  std::ranges::sort(changed->all, {}, [](const auto& each) { return each->view; });
  write();
  in_use = std::move(changed);
  return before;
}

Result<ViewStore::Rows> ViewStore::add_rows(std::string_view view, std::uint32_t version,
                                            const std::vector<std::filesystem::path>& files,
                                            Sequence position) {
  const std::uint32_t number = impl_->prepared(view)->number + 1;
  auto rows = impl_->make_generation(view, {version, number, position});
  if (!rows) return rows;
  if (const auto taken = impl_->take_in(**rows, files); !taken) {
    drop(*rows);
    return tl::unexpected(taken.error());
  }
  return rows;
}

ViewStore::Rows ViewStore::switch_to(Rows rows) {
  const std::string key = key_of_view(rows->view);
  const std::string entry = encode(rows->entry(Sequence{rows->position.load()}));
  Rows before =
      impl_->put_in_use(std::move(rows), [&] { impl_->check(impl_->db->Put({}, key, entry)); });
  // The rows used before may be dropped from the disk after this. No reader waits for it.
  impl_->check(impl_->db->FlushWAL(true));
  return before;
}

void ViewStore::drop(const Rows& rows) {
  MUSTER_ASSERT(!rows->in_use, "rows in use are not dropped");
  impl_->check(impl_->db->DropColumnFamily(rows->family.get()));
}

std::vector<ViewStatus> ViewStore::views() const {
  std::vector<ViewStatus> found;
  for (const Rows& rows : impl_->generations()->all) {
    const auto number = [&](const char* property) {
      return number_of(*impl_->db, rows->family, property);
    };
    found.push_back({.name = rows->view,
                     .version = rows->version,
                     .generation = rows->number,
                     .position = Sequence{rows->position.load()},
                     .bytes = number("rocksdb.total-sst-files-size") +
                              number("rocksdb.cur-size-all-mem-tables"),
                     .rows = number("rocksdb.estimate-num-keys")});
  }
  return found;
}

std::filesystem::path ViewStore::work_folder() const { return impl_->folder->work(); }

}  // namespace muster
