#include "projections/store/sorted_files.h"

#include <fmt/format.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <cstdint>

#include "projections/store/view_store_impl.h"

namespace muster {
namespace {

constexpr std::size_t file_bytes = std::size_t{32} << 20U;  // Before compression.
constexpr std::size_t sync_bytes = std::size_t{1} << 20U;   // The disk is not kept busy at the end.

Error error_of(const std::filesystem::path& path, const rocksdb::Status& status) {
  return {ErrorCode::failed, fmt::format("{}: {}", path.string(), status.ToString())};
}

}  // namespace

struct SortedFiles::Rows {
  struct Place {
    std::uint32_t key_size;
    std::uint32_t value_size;
  };
  std::string bytes;
  std::vector<Place> places;

  [[nodiscard]] Result<void> write(const std::filesystem::path& path) const {
    rocksdb::Options options(database_options(), family_options());
    options.bytes_per_sync = sync_bytes;
    // What was left there by a kill may be linked to from elsewhere: it is not written over.
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    rocksdb::SstFileWriter file(rocksdb::EnvOptions(options), options);
    auto status = file.Open(path.string());
    const char* at = bytes.data();
    for (const Place& place : places) {
      if (!status.ok()) break;
      const rocksdb::Slice key(at, place.key_size);
      const rocksdb::Slice value(at + place.key_size, place.value_size);
      status = file.Put(key, value);
      at += place.key_size + place.value_size;
    }
    if (status.ok()) status = file.Finish();
    if (!status.ok()) return tl::unexpected(error_of(path, status));
    return {};
  }
};

SortedFiles::SortedFiles(std::filesystem::path folder, std::size_t threads)
    : folder_(std::move(folder)), threads_(threads), rows_(std::make_unique<Rows>()) {}

SortedFiles::~SortedFiles() {
  for (auto& each : writing_) each.wait();
}

Result<void> SortedFiles::add(std::string_view key, std::string_view value) {
  rows_->bytes.append(key).append(value);
  rows_->places.push_back(
      {static_cast<std::uint32_t>(key.size()), static_cast<std::uint32_t>(value.size())});
  if (rows_->bytes.size() < file_bytes) return {};
  return begin_file();
}

Result<void> SortedFiles::begin_file() {
  if (writing_.size() >= threads_) {
    if (auto done = await_first(); !done) return done;
  }
  files_.push_back(folder_ / fmt::format("{:06}.sst", files_.size()));
  const std::shared_ptr<const Rows> rows = std::exchange(rows_, std::make_unique<Rows>());
  writing_.push_back(
      std::async(std::launch::async, [rows, path = files_.back()] { return rows->write(path); }));
  return {};
}

Result<void> SortedFiles::await_first() {
  auto done = writing_.front().get();
  writing_.pop_front();
  return done;
}

Result<std::vector<std::filesystem::path>> SortedFiles::finish() {
  if (!rows_->places.empty()) {
    if (auto begun = begin_file(); !begun) return tl::unexpected(std::move(begun).error());
  }
  while (!writing_.empty()) {
    if (auto done = await_first(); !done) return tl::unexpected(std::move(done).error());
  }
  return std::move(files_);
}

}  // namespace muster
