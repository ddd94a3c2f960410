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
  Comparing(RowCursor& stored, RowCursor& folded, const TakeRow& take)
      : stored_(stored), folded_(folded), take_(take) {}

  Result<RowComparison> run() {
    auto done = move(stored_).and_then([this] { return move(folded_); });
    while (done && (stored_.any || folded_.any)) done = step();
    if (!done) return tl::unexpected(std::move(done).error());
    found_.folded = folded_digest_.finish();
    found_.stored = stored_digest_ ? stored_digest_->finish() : found_.folded;
    return std::move(found_);
  }

 private:
  /// One of the two, and where it is.
  struct Side {
    explicit Side(RowCursor& cursor) : rows(cursor) {}
    [[nodiscard]] const RowChange& row() const { return rows.change(); }

    RowCursor& rows;
    bool any = false;  // It is at a row.
  };

  static Result<void> move(Side& side) {
    const auto any = side.rows.next();
    if (!any) return tl::unexpected(any.error());
    side.any = *any;
    return {};
  }

  /// Takes the next key of the two.
  Result<void> step() {
    const int order = !stored_.any   ? 1
                      : !folded_.any ? -1
                                     : stored_.row().key.compare(folded_.row().key);
    if (order > 0) differ(RowDifference::Kind::missing, folded_.row().key);
    if (order < 0) differ(RowDifference::Kind::unexpected, stored_.row().key);
    if (order == 0 && stored_.row().value != folded_.row().value) {
      differ(RowDifference::Kind::other, folded_.row().key);
    }
    Result<void> done;
    if (order <= 0) done = take_stored();
    if (done && order >= 0) done = take_folded();
    return done;
  }

  /// As long as nothing differs, one digest is that of both.
  void differ(RowDifference::Kind kind, std::string_view key) {
    if (!stored_digest_) stored_digest_.emplace(folded_digest_);
    ++found_.differences;
    if (found_.examples.size() < RowComparison::examples_max) {
      found_.examples.push_back({.kind = kind, .key = std::string(key)});
    }
  }

  Result<void> take_stored() {
    if (stored_digest_) stored_digest_->add(stored_.row().key, *stored_.row().value);
    return move(stored_);
  }

  Result<void> take_folded() {
    const RowChange& row = folded_.row();
    folded_digest_.add(row.key, *row.value);
    ++found_.rows;
    return take_(row.key, *row.value).and_then([this] { return move(folded_); });
  }

  Side stored_;
  Side folded_;
  const TakeRow& take_;
  RowComparison found_;
  RowsDigest folded_digest_;
  std::optional<RowsDigest> stored_digest_;
};

}  // namespace

Result<RowComparison> compare_rows(RowCursor& stored, RowCursor& folded, const TakeRow& take) {
  return Comparing(stored, folded, take).run();
}

}  // namespace muster
