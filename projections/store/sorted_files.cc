#include "projections/store/sorted_files.h"

#include <fmt/format.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>

#include <cstddef>
#include <system_error>
#include <utility>

#include "core/base/thread_name.h"
#include "projections/store/view_store_impl.h"

namespace muster {
namespace {

constexpr std::size_t file_bytes = std::size_t{32} << 20U;  // Before compression.
constexpr std::size_t sync_bytes = std::size_t{1} << 20U;   // The disk is not kept busy at the end.

}  // namespace

SortedFiles::SortedFiles(std::filesystem::path folder)
    : folder_(std::move(folder)), thread_([this] {
        name_this_thread("muster-files");
        outcome_ = write_all();
        queue_.refuse();
      }) {}

SortedFiles::~SortedFiles() { queue_.end(); }

Result<void> SortedFiles::add(std::string_view key, std::string_view value) {
  if (queue_.put(key, value)) return {};
  return await_outcome();
}

Result<std::vector<std::filesystem::path>> SortedFiles::finish() {
  queue_.end();
  if (auto done = await_outcome(); !done) return tl::unexpected(std::move(done).error());
  return std::move(files_);
}

Result<void> SortedFiles::await_outcome() {
  if (thread_.joinable()) thread_.join();
  return outcome_;
}

Result<void> SortedFiles::write_all() {
  Result<void> done;
  while (done && queue_.next()) {
    files_.push_back(folder_ / fmt::format("{:06}.sst", files_.size()));
    done = write_file(files_.back());
  }
  return done;
}

/// Writes the row where the queue is and those behind it, as many as a file has.
Result<void> SortedFiles::write_file(const std::filesystem::path& path) {
  rocksdb::Options options(database_options(), family_options());
  options.bytes_per_sync = sync_bytes;
  // What was left there by a kill may be linked to from elsewhere: it is not written over.
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(options), options);
  auto status = file.Open(path.string());
  std::size_t bytes = 0;
  while (status.ok()) {
    const RowChange& row = queue_.row();
    status = file.Put(slice(row.key), slice(*row.value));
    bytes += row.key.size() + row.value->size();
    if (bytes >= file_bytes || !queue_.next()) break;
  }
  if (status.ok()) status = file.Finish();
  if (status.ok()) return {};
  return fail(ErrorCode::failed, fmt::format("{}: {}", path.string(), status.ToString()));
}

}  // namespace muster
