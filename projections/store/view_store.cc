#include "projections/view_store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/endian.h"
#include "core/base/log.h"
#include "projections/store/view_store_impl.h"

namespace muster {

namespace {

constexpr std::size_t read_ahead = std::size_t{2} << 20U;  // Of who reads all.

/// Above every key that starts with `prefix`, which says in its first byte what it is.
std::string key_behind(std::string_view prefix) {
  std::string key(prefix);
  while (key.size() > 1 && key.back() == '\xff') key.pop_back();
  key.back() = static_cast<char>(key.back() + 1);
  return key;
}

}  // namespace

std::string key_of_view(std::string_view name) {
  return fmt::format("{}{}", view_entry_prefix, name);
}

std::string encode(const ViewEntry& entry) {
  std::string bytes;
  append_big_endian(bytes, entry.version);
  append_big_endian(bytes, entry.generation);
  append_big_endian(bytes, entry.position.value());
  return bytes;
}

std::optional<ViewEntry> decode_entry(std::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  return ViewEntry{read_big_endian<std::uint32_t>(bytes),
                   read_big_endian<std::uint32_t>(bytes.substr(4)),
                   Sequence{read_big_endian<std::uint64_t>(bytes.substr(8))}};
}

void ViewStore::Impl::close() {
  in_use = std::make_shared<ViewGenerations>();
  families.clear();
  db.reset();
}

void ViewStore::Impl::check(const rocksdb::Status& status) const {
  if (status.ok()) return;
  if (status.IsCorruption()) folder->mark_damaged();
  end_process(status.ToString());
}

void ViewStore::Impl::end_process(std::string_view what) const {
  log_error(
      "views failed: folder={} error={}; the process ends; the folder may be deleted then, "
      "the views in it are made again from the log",
      folder->path().string(), what);
  std::abort();
}

Error ViewStore::Impl::error_of(const rocksdb::Status& status) const {
  const bool unusable = status.IsCorruption() || status.IsInvalidArgument() ||
                        status.IsNotSupported() || status.IsNotFound() || status.IsPathNotFound();
  return {unusable ? ErrorCode::corrupt : ErrorCode::failed,
          fmt::format("{}: {}", folder->database().string(), status.ToString())};
}

std::optional<std::string> ViewStore::Impl::get(rocksdb::ColumnFamilyHandle* family,
                                                std::string_view key,
                                                const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions read;
  read.snapshot = snapshot;
  std::string value;
  const auto status = db->Get(read, family, slice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  check(status);
  return value;
}

ViewStore::ViewStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ViewStore::~ViewStore() = default;

Result<Sequence> ViewStore::prepare(std::string_view view, std::uint32_t version) {
  const Rows stored = impl_->find(view);
  if (stored != nullptr && stored->version == version) return position(view);
  const std::uint32_t number = stored == nullptr ? 1 : stored->number + 1;
  const auto rows = impl_->make_generation(view, {version, number, Sequence{}});
  if (!rows) return tl::unexpected(rows.error());
  const auto status = impl_->db->Put({}, key_of_view(view), encode((*rows)->entry(Sequence{})));
  if (!status.ok()) return tl::unexpected(impl_->error_of(status));
  if (const Rows before = impl_->put_in_use(*rows, [] {})) drop(before);
  return Sequence{};
}

Sequence ViewStore::position(std::string_view view) const {
  const Rows stored = impl_->find(view);
  return stored == nullptr ? Sequence{} : Sequence{stored->position.load()};
}

std::optional<std::string> ViewStore::get(std::string_view view, std::string_view key) const {
  const Rows stored = impl_->find(view);
  return stored == nullptr ? std::nullopt : impl_->get(stored->family.get(), key, nullptr);
}

void ViewStore::commit(std::span<const std::unique_ptr<StoreBatch>> batches) {
  rocksdb::SetPerfLevel(rocksdb::kDisable);  // Of this thread: counting costs a tenth of it all.
  rocksdb::WriteBatch all;
  for (const auto& batch : batches) {
    const ViewGeneration& rows = *batch->rows_;
    auto* const family = rows.family.get();
    for (const std::uint32_t place : batch->changes_.sorted()) {
      const auto [key, value] = batch->changes_.at(place);
      impl_->check(value ? all.Put(family, slice(key), slice(*value))
                         : all.Delete(family, slice(key)));
    }
    if (!rows.in_use) continue;  // Their entry is written when they are.
    impl_->check(all.Put(key_of_view(rows.view), encode(rows.entry(batch->position_))));
  }
  impl_->check(impl_->db->Write({}, &all));
  for (const auto& batch : batches) batch->rows_->position = batch->position_.value();
}

void ViewStore::mark_damaged() const {
  if (!impl_->read_only) impl_->folder->mark_damaged();
}

void ViewStore::end_damaged(std::string_view what) const {
  mark_damaged();
  impl_->end_process(what);
}

StoreBatch::StoreBatch(const ViewStore& store, std::string_view view)
    : store_(store), rows_(store.impl_->prepared(view)) {}

std::optional<std::string> StoreBatch::get(std::string_view key) const {
  if (const auto changed = changes_.find(key)) return std::optional<std::string>(changed->value);
  return store_.impl_->get(rows_->family.get(), key, nullptr);
}

void StoreBatch::put(std::string_view key, std::string_view value) { changes_.set(key, value); }

void StoreBatch::erase(std::string_view key) { changes_.set(key, std::nullopt); }

void StoreBatch::put_unread(std::string_view key, std::string_view value) {
  changes_.add(key, value);
}

ViewSnapshot::ViewSnapshot(const ViewStore& store) : store_(store) {
  const std::shared_lock lock(store.impl_->mutex);  // Rows and entry of a view fit each other.
  rows_ = store.impl_->in_use;
  snapshot_ = store.impl_->db->GetSnapshot();
}

ViewSnapshot::~ViewSnapshot() { store_.impl_->db->ReleaseSnapshot(snapshot_); }

Sequence ViewSnapshot::position(std::string_view view) const {
  const auto& impl = *store_.impl_;
  const auto bytes = impl.get(impl.db->DefaultColumnFamily(), key_of_view(view), snapshot_);
  if (!bytes) return {};
  const auto entry = decode_entry(*bytes);
  if (!entry) end_damaged(fmt::format("the entry of view {} is damaged", view));
  return entry->position;
}

std::optional<std::string> ViewSnapshot::get(std::string_view view, std::string_view key) const {
  const auto stored = rows_->find(view);
  return stored == nullptr ? std::nullopt : store_.impl_->get(stored->family.get(), key, snapshot_);
}

std::vector<std::optional<std::string>> ViewSnapshot::get_all(
    std::string_view view, std::span<const std::string> keys) const {
  std::vector<std::optional<std::string>> values(keys.size());
  const auto stored = rows_->find(view);
  if (stored == nullptr) return values;
  rocksdb::ReadOptions read;
  read.snapshot = snapshot_;
  const std::vector<rocksdb::Slice> wanted(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> states(keys.size());
  store_.impl_->db->MultiGet(read, stored->family.get(), wanted.size(), wanted.data(), found.data(),
                             states.data());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (states[i].IsNotFound()) continue;
    store_.impl_->check(states[i]);
    values[i] = found[i].ToString();
  }
  return values;
}

void ViewSnapshot::scan(std::string_view view, const Range& range, const Sink& sink) const {
  const auto stored = rows_->find(view);
  if (stored == nullptr) return;
  rocksdb::ReadOptions read;
  read.snapshot = snapshot_;
  const std::unique_ptr<rocksdb::Iterator> rows(
      store_.impl_->db->NewIterator(read, stored->family.get()));
  const rocksdb::Slice prefix = slice(range.prefix);
  for (rows->Seek(slice(std::max(range.prefix, range.from)));
       rows->Valid() && rows->key().starts_with(prefix); rows->Next()) {
    if (!sink(rows->key().ToStringView(), rows->value().ToStringView())) return;
  }
  store_.impl_->check(rows->status());
}

void ViewSnapshot::scan_all(std::string_view view, const Sink& sink) const {
  const auto stored = rows_->find(view);
  if (stored == nullptr) return;
  rocksdb::ReadOptions read;
  read.snapshot = snapshot_;
  read.fill_cache = false;
  read.readahead_size = read_ahead;
  const std::unique_ptr<rocksdb::Iterator> rows(
      store_.impl_->db->NewIterator(read, stored->family.get()));
  for (rows->SeekToFirst(); rows->Valid(); rows->Next()) {
    if (!sink(rows->key().ToStringView(), rows->value().ToStringView())) return;
  }
  store_.impl_->check(rows->status());
}

void ViewSnapshot::scan_back(std::string_view view, const Range& range, const Sink& sink) const {
  const auto stored = rows_->find(view);
  if (stored == nullptr) return;
  rocksdb::ReadOptions read;
  read.snapshot = snapshot_;
  const std::unique_ptr<rocksdb::Iterator> rows(
      store_.impl_->db->NewIterator(read, stored->family.get()));
  const rocksdb::Slice prefix = slice(range.prefix);
  const std::string behind = range.from.empty() ? key_behind(range.prefix) : std::string();
  rows->SeekForPrev(range.from.empty() ? slice(behind) : slice(range.from));
  if (rows->Valid() && rows->key() == slice(behind)) rows->Prev();
  for (; rows->Valid() && rows->key().starts_with(prefix); rows->Prev()) {
    if (!sink(rows->key().ToStringView(), rows->value().ToStringView())) return;
  }
  store_.impl_->check(rows->status());
}

}  // namespace muster
