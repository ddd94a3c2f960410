#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/log/disk/posix_file.h"
#include "projections/rebuild/rows/row_cursor.h"
#include "projections/store/row_table.h"

namespace muster {

/// Changes of rows in a file, in the order of their keys; written once, not synced: what a power
/// cut leaves of it is found out when it is opened. Any thread reads.
///
/// A file is a row of blocks: `u32 size | u32 crc32c | changes`, each `u32 key size | u32 value
/// size, all ones: erased | key | value`.
class SortedRun {
 public:
  /// Writes all of `table`. Errors: failed.
  [[nodiscard]] static Result<std::unique_ptr<SortedRun>> write(const std::filesystem::path& path,
                                                                const RowTable& table);

  /// Reads and checks all of it. Errors: corrupt; failed.
  [[nodiscard]] static Result<std::unique_ptr<SortedRun>> open(const std::filesystem::path& path);

  SortedRun(const SortedRun&) = delete;
  SortedRun& operator=(const SortedRun&) = delete;
  ~SortedRun() = default;

  /// What it knows of `key`: nullopt: nothing; a value, or none for an erased one.
  /// Errors: corrupt, failed.
  using Found = std::optional<std::optional<std::string>>;
  [[nodiscard]] Result<Found> find(std::string_view key) const;

  /// Of its file.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  /// All changes. The run must outlive it.
  [[nodiscard]] std::unique_ptr<RowCursor> cursor() const;

 private:
  class Cursor;
  struct Block {
    std::uint64_t offset = 0;
    std::uint32_t size = 0;
    std::string first_key;
  };

  explicit SortedRun(PosixFile file) : file_(std::move(file)) {}
  [[nodiscard]] Result<void> read(std::uint64_t offset, std::string& bytes, std::size_t size) const;
  [[nodiscard]] Result<void> read_block(const Block& block, std::string& bytes) const;
  [[nodiscard]] Result<void> load();
  [[nodiscard]] Result<void> add_block(std::string& block, std::string first_key);
  void note(std::string_view key);
  void size_filter(std::size_t rows);
  [[nodiscard]] bool may_have(std::string_view key) const;
  [[nodiscard]] Error damaged() const;

  PosixFile file_;
  std::uint64_t size_ = 0;
  std::vector<Block> blocks_;
  std::vector<std::uint64_t> filter_;  // Bloom: most keys that are not there are not looked for.
};

}  // namespace muster
