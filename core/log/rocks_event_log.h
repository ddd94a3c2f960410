#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.h"
#include "core/log/disk/disk_gate.h"
#include "core/log/event_log.h"
#include "core/log/merkle_frontier.h"

namespace muster {

struct RocksLogOptions {
  /// Without the right to append; the folder is not changed. Other readers may be there too.
  bool read_only = false;
  DiskGate::Options disk;
};

/// The event log on disk, in a folder of its own: docs/log-format.md. One process at a time.
///
/// `append` calls `done` before it returns. Any error of an append is final: the log takes no
/// more. Records must be made by make_record.
class RocksEventLog final : public EventLog {
 public:
  /// Opens the log in `folder`; makes one if the folder is missing or empty. Repairs nothing.
  /// Errors: in_use; incompatible if the folder is not a log's or a newer Muster's; corrupt,
  /// saying what is damaged; invalid_input if there is no log to read; failed. Each says what to
  /// do.
  [[nodiscard]] static Result<std::unique_ptr<RocksEventLog>> open(
      const std::filesystem::path& folder, RocksLogOptions options = {});

  RocksEventLog(const RocksEventLog&) = delete;
  RocksEventLog& operator=(const RocksEventLog&) = delete;
  ~RocksEventLog() override;

  void append(std::span<const Record> records, Appended done) override;
  [[nodiscard]] Result<void> writable() const override;
  [[nodiscard]] Sequence head() const override;
  [[nodiscard]] Result<Sequence> read_after(Sequence after, const Sink& sink) const override;

  /// The tree over all records. For the appending thread.
  [[nodiscard]] const MerkleFrontier& frontier() const noexcept;

 private:
  struct Parts;  // What knows RocksDB.
  explicit RocksEventLog(std::unique_ptr<Parts> parts);

  [[nodiscard]] Result<Sequence> write(std::span<const Record> records);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster
