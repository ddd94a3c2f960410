#include "projections/rebuild/rows/sorted_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/log/record/crc32c.h"

namespace muster {
namespace {

constexpr std::size_t block_size = std::size_t{64} << 10U;
constexpr std::size_t block_size_max = std::size_t{1} << 30U;
constexpr std::size_t number_size = sizeof(std::uint32_t);
constexpr std::size_t head_size = 2 * number_size;
constexpr std::uint32_t erased_mark = UINT32_MAX;
constexpr std::size_t filter_bits_per_row = 10;
constexpr std::size_t bits_per_word = 64;
constexpr int filter_probes = 5;

void append(std::string& block, const RowChange& change) {
  append_big_endian(block, static_cast<std::uint32_t>(change.key.size()));
  append_big_endian(block,
                    change.value ? static_cast<std::uint32_t>(change.value->size()) : erased_mark);
  block.append(change.key);
  if (change.value) block.append(*change.value);
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  return read_big_endian<std::uint32_t>(bytes.substr(at, number_size));
}

/// Takes the next change off `rest`, whose check was right; false for what makes no sense.
bool take(std::string_view& rest, RowChange& change) {
  if (rest.size() < head_size) return false;
  const std::size_t key_size = number_at(rest, 0);
  const std::uint32_t mark = number_at(rest, number_size);
  const std::size_t value_size = mark == erased_mark ? 0 : mark;
  rest.remove_prefix(head_size);
  if (rest.size() < key_size || rest.size() - key_size < value_size) return false;
  change.key = rest.substr(0, key_size);
  change.value = mark == erased_mark ? std::optional<std::string_view>()
                                     : std::optional(rest.substr(key_size, value_size));
  rest.remove_prefix(key_size + value_size);
  return true;
}

}  // namespace

Error SortedRun::damaged() const {
  return {ErrorCode::corrupt, fmt::format("{} is damaged", file_.path().string())};
}

Result<std::unique_ptr<SortedRun>> SortedRun::write(const std::filesystem::path& path,
                                                    const RowTable& table) {
  auto file = PosixFile::open(path, O_RDWR | O_CREAT | O_TRUNC, S_IRUSR | S_IWUSR);
  if (!file) return tl::unexpected(std::move(file).error());
  std::unique_ptr<SortedRun> run(new SortedRun(std::move(*file)));
  const auto places = table.sorted();
  run->size_filter(places.size());
  std::string block(head_size, '\0');
  std::string first_key;
  for (const std::uint32_t place : places) {
    const RowChange change = table.at(place);
    if (block.size() == head_size) first_key = change.key;
    append(block, change);
    run->note(change.key);
    if (block.size() < block_size) continue;
    if (auto done = run->add_block(block, std::exchange(first_key, {})); !done) {
      return tl::unexpected(std::move(done).error());
    }
  }
  if (block.size() > head_size) {
    if (auto done = run->add_block(block, std::move(first_key)); !done) {
      return tl::unexpected(std::move(done).error());
    }
  }
  return run;
}

/// Writes the block behind the others, and empties it but for room for a head.
Result<void> SortedRun::add_block(std::string& block, std::string first_key) {
  const auto changes = std::string_view(block).substr(head_size);
  std::string head;
  append_big_endian(head, static_cast<std::uint32_t>(changes.size()));
  append_big_endian(head, crc32c(changes));
  std::ranges::copy(head, block.begin());
  if (auto done = file_.write_at(size_, as_bytes(block)); !done) return done;
  blocks_.push_back({.offset = size_ + head_size,
                     .size = static_cast<std::uint32_t>(changes.size()),
                     .first_key = std::move(first_key)});
  size_ += block.size();
  block.resize(head_size);
  return {};
}

Result<std::unique_ptr<SortedRun>> SortedRun::open(const std::filesystem::path& path) {
  auto file = PosixFile::open(path, O_RDONLY);
  if (!file) return tl::unexpected(std::move(file).error());
  std::unique_ptr<SortedRun> run(new SortedRun(std::move(*file)));
  if (auto loaded = run->load(); !loaded) return tl::unexpected(std::move(loaded).error());
  return run;
}

/// Finds the blocks, and then goes through all changes: how many there are is known only then.
Result<void> SortedRun::load() {
  std::error_code error;
  const std::uint64_t end = std::filesystem::file_size(file_.path(), error);
  if (error) {
    return fail(ErrorCode::failed, fmt::format("{}: {}", file_.path().string(), error.message()));
  }
  std::string bytes;
  std::size_t rows = 0;
  while (size_ < end) {
    if (end - size_ < head_size) return tl::unexpected(damaged());
    if (auto done = read(size_, bytes, number_size); !done) return done;
    const Block block{.offset = size_ + head_size, .size = number_at(bytes, 0), .first_key = {}};
    if (block.size > block_size_max || end - block.offset < block.size) {
      return tl::unexpected(damaged());
    }
    if (auto done = read_block(block, bytes); !done) return done;
    blocks_.push_back(block);
    size_ = block.offset + block.size;
    RowChange change;
    std::string_view rest = bytes;
    for (bool first = true; !rest.empty(); first = false, ++rows) {
      if (!take(rest, change)) return tl::unexpected(damaged());
      if (first) blocks_.back().first_key = change.key;
    }
  }
  size_filter(rows);
  const auto all = cursor();
  for (auto any = all->next();; any = all->next()) {
    if (!any) return tl::unexpected(any.error());
    if (!*any) return {};
    note(all->change().key);
  }
}

Result<void> SortedRun::read(std::uint64_t offset, std::string& bytes, std::size_t size) const {
  bytes.resize(size);
  std::size_t done = 0;
  while (done < size) {
    const auto got = ::pread(file_.descriptor(), bytes.data() + done, size - done,
                             static_cast<off_t>(offset + done));
    if (got < 0) return tl::unexpected(last_system_error("read", file_.path()));
    if (got == 0) return tl::unexpected(damaged());
    done += static_cast<std::size_t>(got);
  }
  return {};
}

Result<void> SortedRun::read_block(const Block& block, std::string& bytes) const {
  std::string head;
  if (auto done = read(block.offset - head_size, head, head_size); !done) return done;
  if (auto done = read(block.offset, bytes, block.size); !done) return done;
  if (number_at(head, 0) != block.size || number_at(head, number_size) != crc32c(bytes)) {
    return tl::unexpected(damaged());
  }
  return {};
}

void SortedRun::size_filter(std::size_t rows) {
  filter_.assign(rows * filter_bits_per_row / bits_per_word + 1, 0);
}

void SortedRun::note(std::string_view key) {
  std::uint64_t hash = std::hash<std::string_view>{}(key);
  const std::uint64_t step = (hash >> 33U) | (hash << 31U);
  for (int i = 0; i < filter_probes; ++i, hash += step) {
    const std::uint64_t bit = hash % (filter_.size() * bits_per_word);
    filter_[bit / bits_per_word] |= std::uint64_t{1} << (bit % bits_per_word);
  }
}

bool SortedRun::may_have(std::string_view key) const {
  std::uint64_t hash = std::hash<std::string_view>{}(key);
  const std::uint64_t step = (hash >> 33U) | (hash << 31U);
  for (int i = 0; i < filter_probes; ++i, hash += step) {
    const std::uint64_t bit = hash % (filter_.size() * bits_per_word);
    if ((filter_[bit / bits_per_word] >> (bit % bits_per_word) & 1U) == 0) return false;
  }
  return true;
}

Result<SortedRun::Found> SortedRun::find(std::string_view key) const {
  if (!may_have(key)) return std::nullopt;
  auto block = std::ranges::upper_bound(
      blocks_, key, {}, [](const Block& each) { return std::string_view(each.first_key); });
  if (block == blocks_.begin()) return std::nullopt;
  std::string bytes;
  if (auto done = read_block(*--block, bytes); !done) return tl::unexpected(done.error());
  std::string_view rest = bytes;
  for (RowChange change; !rest.empty();) {
    if (!take(rest, change)) return tl::unexpected(damaged());
    if (change.key < key) continue;
    if (change.key > key) break;
    return Found(change.value ? std::optional<std::string>(*change.value) : std::nullopt);
  }
  return std::nullopt;
}

class SortedRun::Cursor final : public RowCursor {
 public:
  explicit Cursor(const SortedRun& run) : run_(run) {}

  Result<bool> next() override {
    if (rest_.empty()) {
      if (block_ == run_.blocks_.size()) return false;
      auto done = run_.read_block(run_.blocks_[block_++], bytes_);
      if (!done) return tl::unexpected(std::move(done).error());
      rest_ = bytes_;
    }
    if (!take(rest_, change_)) return tl::unexpected(run_.damaged());
    return true;
  }
  [[nodiscard]] const RowChange& change() const override { return change_; }

 private:
  const SortedRun& run_;
  std::size_t block_ = 0;
  std::string bytes_;
  std::string_view rest_;
  RowChange change_;
};

std::unique_ptr<RowCursor> SortedRun::cursor() const { return std::make_unique<Cursor>(*this); }

}  // namespace muster
