#include "projections/rebuild/row_comparison.h"

#include <utility>

#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::size_t digest_bytes = std::size_t{64} << 10U;

/// The digest of rows in order: of `u32 key size | u32 value size | key | value` of each, whenever
/// they are some 64 KiB, hashed behind the digest of all before.
class RowsDigest {
 public:
  void add(std::string_view key, std::string_view value) {
    append_big_endian(bytes_, static_cast<std::uint32_t>(key.size()));
    append_big_endian(bytes_, static_cast<std::uint32_t>(value.size()));
    bytes_.append(key).append(value);
    if (bytes_.size() >= digest_bytes) flush();
  }

  Digest finish() {
    flush();
    return digest_;
  }

 private:
  void flush() {
    digest_ = sha256({digest_, as_bytes(bytes_)});
    bytes_.clear();
  }

  Digest digest_{};
  std::string bytes_;
};

class Comparing {
 public:
  Comparing(RowCursor& folded, const TakeRow& take) : folded_(folded), take_(take) {}

  Result<RowComparison> run(const ViewSnapshot& stored, std::string_view view) {
    move();
    stored.scan_all(view, [this](std::string_view key, std::string_view value) {
      take_stored(key, value);
      return error_.has_value();
    });
    while (error_ && any_) take_folded(RowDifference::Kind::missing);
    if (!error_) return tl::unexpected(std::move(error_).error());
    found_.folded = folded_digest_.finish();
    found_.stored = stored_digest_ ? stored_digest_->finish() : found_.folded;
    return std::move(found_);
  }

 private:
  void take_stored(std::string_view key, std::string_view value) {
    while (any_ && folded_.change().key < key) take_folded(RowDifference::Kind::missing);
    if (!error_) return;
    const bool known = any_ && folded_.change().key == key;
    const bool same = known && *folded_.change().value == value;
    if (!same) differ(known ? RowDifference::Kind::other : RowDifference::Kind::unexpected, key);
    if (stored_digest_) stored_digest_->add(key, value);
    if (known) take_folded(std::nullopt);
  }

  /// As long as nothing differs, one digest is that of both.
  void differ(RowDifference::Kind kind, std::string_view key) {
    if (!stored_digest_) stored_digest_.emplace(folded_digest_);
    ++found_.differences;
    if (found_.examples.size() < RowComparison::examples_max) {
      found_.examples.push_back({.kind = kind, .key = std::string(key)});
    }
  }

  void take_folded(std::optional<RowDifference::Kind> difference) {
    const RowChange& row = folded_.change();
    if (difference) differ(*difference, row.key);
    folded_digest_.add(row.key, *row.value);
    ++found_.rows;
    error_ = take_(row.key, *row.value);
    move();
  }

  void move() {
    any_ = false;
    if (!error_) return;
    const auto any = folded_.next();
    if (any) {
      any_ = *any;
    } else {
      error_ = tl::unexpected(any.error());
    }
  }

  RowCursor& folded_;
  const TakeRow& take_;
  bool any_ = false;  // It is at a row.
  Result<void> error_;
  RowComparison found_;
  RowsDigest folded_digest_;
  std::optional<RowsDigest> stored_digest_;
};

}  // namespace

Result<RowComparison> compare_rows(const ViewSnapshot& stored, std::string_view view,
                                   RowCursor& folded, const TakeRow& take) {
  return Comparing(folded, take).run(stored, view);
}

}  // namespace muster
