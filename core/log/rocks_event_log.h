#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/log/disk/disk_gate.h"
#include "core/log/event_log.h"
#include "core/log/merkle/merkle_frontier.h"
#include "core/log/merkle/merkle_tree.h"

namespace rocksdb {
class Env;
}

namespace muster {

class RocksDatabase;

struct RocksLogOptions {
  /// Without the right to append; the folder is not changed. Other readers may be there too.
  bool read_only = false;
  DiskGate::Options disk;
};

/// The event log on disk, in a folder of its own: docs/log-format.md. One process at a time.
///
/// `append` calls `done` before it returns. Any error of an append is final: the log takes no
/// more. Records must be made by make_record.
///
/// Keeps the Merkle tree over the records beside them, in the same writes. A log from before there
/// were tiles gets them when it is opened for writing; opened for reading, it has none.
class RocksEventLog final : public EventLog, public MerkleTree {
 public:
  /// Opens the log in `folder`; makes one if the folder is missing or empty. Repairs nothing.
  /// Errors: in_use; incompatible if the folder is not a log's or a newer Muster's; corrupt,
  /// saying what is damaged; invalid_input if there is no log to read; unavailable if the disk is
  /// full; failed. Each says what to do.
  [[nodiscard]] static Result<std::unique_ptr<RocksEventLog>> open(
      const std::filesystem::path& folder, RocksLogOptions options = {});

  RocksEventLog(const RocksEventLog&) = delete;
  RocksEventLog& operator=(const RocksEventLog&) = delete;
  ~RocksEventLog() override;

  void append(std::span<const Record> records, Appended done) override;
  [[nodiscard]] Result<void> writable() const override;
  [[nodiscard]] Sequence head() const override;
  [[nodiscard]] Result<Sequence> read_after(Sequence after, const Sink& sink) const override;
  [[nodiscard]] Result<Record> read(Sequence sequence) const override;

  /// The same with every record as it is stored, right or wrong, passing over missing ones: for
  /// audits. Errors: corrupt if RocksDB cannot go on; earlier ones were passed on.
  [[nodiscard]] Result<void> read_stored(Sequence after, const Sink& sink) const;

  [[nodiscard]] TreeHead tree_head() const override;
  [[nodiscard]] Result<TileHashes> tile(const TileId& id) const override;

  /// A full tile as it is stored; nothing if it is missing. Errors: failed.
  [[nodiscard]] Result<std::optional<std::string>> stored_tile(const TileId& id) const;

  /// The tree over all records. For the appending thread.
  [[nodiscard]] const MerkleFrontier& frontier() const noexcept;

 private:
  friend class RocksBackups;

  /// The log in a database that is read through `env`, which it keeps.
  /// Errors: as of open.
  [[nodiscard]] static Result<std::unique_ptr<RocksEventLog>> open_elsewhere(
      const std::filesystem::path& database, std::shared_ptr<rocksdb::Env> env);

  [[nodiscard]] const RocksDatabase& database() const noexcept;

  struct Parts;  // What knows RocksDB.
  explicit RocksEventLog(std::unique_ptr<Parts> parts);

  [[nodiscard]] Result<void> open_tree();
  [[nodiscard]] Result<TileHashes> at_edge(const TileId& id) const;
  [[nodiscard]] Result<Sequence> write(std::span<const Record> records);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster
