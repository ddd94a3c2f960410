#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "core/base/error.h"
#include "core/log/event_log.h"

namespace muster::bench {

/// What the engine is measured against: records and nothing else, put into a RocksDB with the
/// options of the event log and synced batch by batch. No checks, no decisions; the Merkle tree
/// with its tiles only if it is asked for, which tells what that costs.
class RawLogWriter {
 public:
  enum class Tree { none, kept };

  /// Makes the database at `path`, where nothing may be. Errors: failed.
  [[nodiscard]] static Result<std::unique_ptr<RawLogWriter>> create(
      const std::filesystem::path& path, Tree tree);

  RawLogWriter(const RawLogWriter&) = delete;
  RawLogWriter& operator=(const RawLogWriter&) = delete;
  ~RawLogWriter();

  /// One synced batch. Errors: failed.
  [[nodiscard]] Result<void> append(std::span<const Record> records);

 private:
  struct Parts;
  explicit RawLogWriter(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster::bench
