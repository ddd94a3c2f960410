#include "core/log/rocks_event_log.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/base/endian.h"
#include "core/base/log.h"
#include "core/log/disk/log_folder.h"
#include "core/log/record/record_frame.h"
#include "core/log/rocks/rocks_database.h"
#include "core/log/rocks/rocks_tiles.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t protection_bytes = 8;
// A key, the frontier and what RocksDB adds: so that a batch does not grow by copying.
constexpr std::size_t bytes_beside_record = 32;
constexpr std::size_t bytes_beside_batch = 4096;
constexpr std::uint64_t long_read = 10'000;
constexpr std::size_t long_read_ahead = std::size_t{256} << 10U;
constexpr std::size_t stored_read_ahead = std::size_t{64} << 10U;  // About a bundle of records.

Result<void> create(const LogFolder& folder) {
  auto path = folder.prepare_new_database();
  if (!path) {
    return tl::unexpected(std::move(path).error());
  }
  if (auto created = RocksDatabase::create(*path); !created) {
    return created;
  }
  return folder.commit_new_database();
}

Error corrupt_event(const fs::path& folder, std::uint64_t sequence, const Error& why) {
  return Error{why.code, fmt::format("event {} of the log in {}: {}{}", sequence, folder.string(),
                                     why.message,
                                     why.code == ErrorCode::corrupt ? ": restore a backup" : "")};
}

/// The sequence that an event's key says; 0 of what is no such key.
std::uint64_t sequence_of(const rocksdb::Slice& key) {
  return key.size() == sizeof(std::uint64_t) ? read_big_endian<std::uint64_t>(key.ToStringView())
                                             : 0;
}

/// Of an event for whose key `status` came instead of a record.
Error unreadable_event(const fs::path& folder, std::uint64_t sequence,
                       const rocksdb::Status& status) {
  const bool missing = status.ok() || status.IsNotFound();
  return corrupt_event(folder, sequence,
                       Error{ErrorCode::corrupt, missing ? "it is missing" : status.ToString()});
}

}  // namespace

struct RocksEventLog::Parts {
  fs::path where;
  std::shared_ptr<rocksdb::Env> env;  // That the database is read through, if not the usual one.
  std::optional<LogFolder> folder;    // Holds the lock, so it goes after the database.
  RocksDatabase database;
  const MerkleFrontier frontier;  // As stored, when it was opened.
  DiskGate gate;
  bool read_only = false;
  std::optional<Error> failed;  // Once an append went wrong, nothing more can be said.
  std::atomic<std::uint64_t> head{0};
  TileEdge edge;                 // With the append under way: the appending thread's.
  std::vector<FullTile> filled;  // By the append under way.
  mutable std::mutex mutex;
  std::optional<TileEdge>
      durable;  // Guarded by mutex. In a log that is only read made when needed.

  static ReadRecords reader(const RocksEventLog& log);
};

Result<std::unique_ptr<RocksEventLog>> RocksEventLog::open(const fs::path& folder,
                                                           RocksLogOptions options) {
  auto locked = LogFolder::open(
      folder, options.read_only ? LogFolder::Access::read : LogFolder::Access::write);
  if (!locked) {
    return tl::unexpected(std::move(locked).error());
  }
  if (!locked->has_database()) {
    if (auto made = create(*locked); !made) {
      return tl::unexpected(std::move(made).error());
    }
    log_info("event log created: folder={}", folder.string());
  }
  auto database = RocksDatabase::open(locked->database(), options.read_only);
  if (!database) {
    return tl::unexpected(std::move(database).error());
  }
  auto frontier = database->load_frontier();
  if (!frontier) {
    return tl::unexpected(std::move(frontier).error());
  }
  const std::uint64_t head = frontier->size();
  std::unique_ptr<Parts> parts(new Parts{.where = folder,
                                         .env = nullptr,
                                         .folder = *std::move(locked),
                                         .database = *std::move(database),
                                         .frontier = *std::move(frontier),
                                         .gate = DiskGate(folder, std::move(options.disk)),
                                         .read_only = options.read_only,
                                         .failed = std::nullopt,
                                         .head = head});
  std::unique_ptr<RocksEventLog> log(new RocksEventLog(std::move(parts)));
  if (auto opened = log->open_tree(); !opened) {
    return tl::unexpected(std::move(opened).error());
  }
  if (!options.read_only) {
    if (auto placed = log->parts_->gate.place_ballast(); !placed) {
      return tl::unexpected(std::move(placed).error());
    }
  }
  return log;
}

Result<std::unique_ptr<RocksEventLog>> RocksEventLog::open_elsewhere(
    const fs::path& database, std::shared_ptr<rocksdb::Env> env) {
  auto opened = RocksDatabase::open(database, true, env.get());
  if (!opened) {
    return tl::unexpected(std::move(opened).error());
  }
  auto frontier = opened->load_frontier();
  if (!frontier) {
    return tl::unexpected(std::move(frontier).error());
  }
  const std::uint64_t head = frontier->size();
  std::unique_ptr<Parts> parts(new Parts{.where = database,
                                         .env = std::move(env),
                                         .folder = std::nullopt,
                                         .database = *std::move(opened),
                                         .frontier = *std::move(frontier),
                                         .gate = DiskGate(database, {}),
                                         .read_only = true,
                                         .failed = std::nullopt,
                                         .head = head});
  return std::unique_ptr<RocksEventLog>(new RocksEventLog(std::move(parts)));
}

const RocksDatabase& RocksEventLog::database() const noexcept { return parts_->database; }

ReadRecords RocksEventLog::Parts::reader(const RocksEventLog& log) {
  return [&log](std::uint64_t after, const std::function<bool(std::string_view)>& sink) {
    const auto read = log.read_after(
        Sequence(after), [&](Sequence, std::string_view record) { return sink(record); });
    return read.map([](Sequence) {});
  };
}

/// Who writes needs the edge at once; who reads, once a tile is asked for: then a damaged log can
/// still be read.
Result<void> RocksEventLog::open_tree() {
  Parts& parts = *parts_;
  if (parts.read_only) {
    return {};
  }
  const auto complete = has_tiles(parts.database);
  if (!complete) {
    return tl::unexpected(complete.error());
  }
  if (!*complete) {
    if (auto filled = fill_tiles(parts.database, parts.frontier, Parts::reader(*this)); !filled) {
      return filled;
    }
  }
  auto edge = load_edge(parts.database, parts.frontier, Parts::reader(*this));
  if (!edge) {
    return tl::unexpected(std::move(edge).error());
  }
  parts.edge = *edge;
  parts.durable = *std::move(edge);
  return {};
}

RocksEventLog::RocksEventLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

RocksEventLog::~RocksEventLog() = default;

const MerkleFrontier& RocksEventLog::frontier() const noexcept { return parts_->edge.frontier(); }

TreeHead RocksEventLog::tree_head() const {
  const std::lock_guard lock(parts_->mutex);
  const auto& durable = parts_->durable;
  const MerkleFrontier& frontier = durable ? durable->frontier() : parts_->frontier;
  return {.size = frontier.size(), .root = frontier.root()};
}

Result<TileHashes> RocksEventLog::tile(const TileId& id) const {
  const std::uint64_t size = head().value();
  if (!has_tile(size, id)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("a tree of {} events has no {}", size, path_of(id)));
  }
  auto hashes = at_edge(id);
  if (hashes && hashes->empty()) {
    hashes = get_tile(parts_->database, id.level, id.index);
  }
  if (hashes) {
    hashes->resize(id.width);
  }
  return hashes;
}

/// The hashes of that tile if it is not full; none if it is, for it is stored.
Result<TileHashes> RocksEventLog::at_edge(const TileId& id) const {
  Parts& parts = *parts_;
  const std::lock_guard lock(parts.mutex);
  if (!parts.durable) {
    const auto complete = has_tiles(parts.database);
    if (!complete || !*complete) {
      return fail(ErrorCode::incompatible,
                  fmt::format("the log in {} has no tiles yet: start `muster serve` over it once",
                              parts.where.string()));
    }
    auto edge = load_edge(parts.database, parts.frontier, Parts::reader(*this));
    if (!edge) {
      return tl::unexpected(std::move(edge).error());
    }
    parts.durable = *std::move(edge);
  }
  const bool full = width_at(parts.durable->size(), id.level, id.index) == tile_width;
  return full ? TileHashes{} : parts.durable->partial(id.level);
}

Result<std::optional<std::string>> RocksEventLog::stored_tile(const TileId& id) const {
  if (parts_->database.tiles() == nullptr) {
    return std::nullopt;
  }
  return parts_->database.get(parts_->database.tiles(), tile_key(id.level, id.index));
}

Sequence RocksEventLog::head() const {
  return Sequence(parts_->head.load(std::memory_order_acquire));
}

Result<void> RocksEventLog::writable() const {
  if (parts_->read_only) {
    return fail(ErrorCode::unavailable,
                fmt::format("the log in {} is open for reading only", parts_->where.string()));
  }
  return parts_->gate.writable();
}

void RocksEventLog::append(std::span<const Record> records, Appended done) {
  MUSTER_ASSERT(!records.empty(), "an append has records");
  MUSTER_ASSERT(!parts_->read_only, "a log that is open for reading only takes no records");
  if (!parts_->failed) {
    auto last = write(records);
    if (last) {
      return done(*last);
    }
    parts_->failed = std::move(last).error();
  }
  done(tl::unexpected(*parts_->failed));
}

Result<Sequence> RocksEventLog::write(std::span<const Record> records) {
  Parts& parts = *parts_;
  std::size_t bytes = bytes_beside_batch;
  for (const Record& record : records) {
    bytes += record.size() + bytes_beside_record;
  }
  rocksdb::WriteBatch batch(bytes, 0, protection_bytes, 0);
  parts.filled.clear();
  rocksdb::Status status;
  for (const Record& record : records) {
    MUSTER_ASSERT(check_record(record).has_value(), "a record is right before it is stored");
    parts.edge.append(merkle_leaf(record), parts.filled);
    status = batch.Put(parts.database.events(), event_key(parts.edge.size()), record);
    if (!status.ok()) {
      return tl::unexpected(to_error(status, parts.where));
    }
  }
  for (const FullTile& tile : parts.filled) {
    if (status.ok()) status = put_tile(batch, parts.database, tile);
  }
  if (status.ok()) {
    status = batch.Put(parts.database.meta(), RocksDatabase::frontier_key,
                       parts.edge.frontier().to_bytes());
  }
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (status.ok()) {
    status = parts.database.db().Write(synced, &batch);
  }
  if (!status.ok()) {
    return tl::unexpected(to_error(status, parts.where));
  }
  {
    const std::lock_guard lock(parts.mutex);
    parts.durable = parts.edge;
  }
  parts.head.store(parts.edge.size(), std::memory_order_release);
  return Sequence(parts.edge.size());
}

Result<Sequence> RocksEventLog::read_after(Sequence after, const Sink& sink) const {
  const Parts& parts = *parts_;
  const std::uint64_t head = this->head().value();
  std::uint64_t passed = after.value();
  if (passed >= head) {
    return after;
  }
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  if (head - passed > long_read) {
    options.readahead_size = long_read_ahead;
  }
  const std::unique_ptr<rocksdb::Iterator> events(
      parts.database.db().NewIterator(options, parts.database.events()));
  for (events->Seek(event_key(passed + 1)); passed < head; events->Next()) {
    const std::uint64_t sequence = passed + 1;
    if (!events->Valid() || sequence_of(events->key()) != sequence) {
      return tl::unexpected(unreadable_event(parts.where, sequence, events->status()));
    }
    const std::string_view record = events->value().ToStringView();
    if (auto checked = check_record(record); !checked) {
      return tl::unexpected(corrupt_event(parts.where, sequence, checked.error()));
    }
    passed = sequence;
    if (!sink(Sequence(sequence), record)) {
      break;
    }
  }
  return Sequence(passed);
}

Result<Record> RocksEventLog::read(Sequence sequence) const {
  const Parts& parts = *parts_;
  MUSTER_ASSERT(sequence > Sequence() && sequence <= head(), "the event is in the log");
  Record record;
  const auto status =
      parts.database.db().Get({}, parts.database.events(), event_key(sequence.value()), &record);
  if (!status.ok()) {
    return tl::unexpected(unreadable_event(parts.where, sequence.value(), status));
  }
  if (auto checked = check_record(record); !checked) {
    return tl::unexpected(corrupt_event(parts.where, sequence.value(), checked.error()));
  }
  return record;
}

Result<void> RocksEventLog::read_stored(Sequence after, const Sink& sink) const {
  const Parts& parts = *parts_;
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = stored_read_ahead;
  const std::unique_ptr<rocksdb::Iterator> events(
      parts.database.db().NewIterator(options, parts.database.events()));
  for (events->Seek(event_key(after.value() + 1)); events->Valid(); events->Next()) {
    const Sequence sequence(sequence_of(events->key()));
    if (sequence == Sequence()) continue;
    if (!sink(sequence, events->value().ToStringView())) break;
  }
  if (!events->status().ok()) {
    return tl::unexpected(to_error(events->status(), parts.where));
  }
  return {};
}

}  // namespace muster
