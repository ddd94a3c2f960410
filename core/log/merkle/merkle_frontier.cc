#include "core/log/merkle/merkle_frontier.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>
#include <utility>

#include "core/base/assert.h"
#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::array<std::uint8_t, 1> leaf_prefix{0};
constexpr std::array<std::uint8_t, 1> node_prefix{1};

}  // namespace

Digest merkle_leaf(std::string_view record) { return sha256({leaf_prefix, as_bytes(record)}); }

Digest merkle_node(const Digest& left, const Digest& right) {
  return sha256({node_prefix, left, right});
}

MerkleFrontier::MerkleFrontier(std::uint64_t size, std::vector<Digest> peaks)
    : size_(size), peaks_(std::move(peaks)) {
  MUSTER_ASSERT(peaks_.size() == static_cast<std::size_t>(std::popcount(size_)),
                "there is one subtree per set bit of the size");
}

MerkleFrontier frontier_over(std::span<const Digest> hashes) {
  MerkleFrontier frontier;
  for (const Digest& hash : hashes) frontier.append(hash);
  return frontier;
}

Digest MerkleFrontier::root() const {
  if (peaks_.empty()) {
    return sha256({});
  }
  Digest root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i > 0; --i) {
    root = merkle_node(peaks_[i - 1], root);
  }
  return root;
}

std::string MerkleFrontier::to_bytes() const {
  std::string bytes;
  bytes.reserve(sizeof size_ + peaks_.size() * sizeof(Digest));
  append_big_endian(bytes, size_);
  for (const Digest& peak : peaks_) {
    bytes.append(as_text(peak));
  }
  return bytes;
}

Result<MerkleFrontier> MerkleFrontier::from_bytes(std::string_view bytes) {
  MerkleFrontier frontier;
  if (bytes.size() >= sizeof frontier.size_) {
    frontier.size_ = read_big_endian<std::uint64_t>(bytes);
    frontier.peaks_.resize(static_cast<std::size_t>(std::popcount(frontier.size_)));
  }
  if (bytes.size() != sizeof frontier.size_ + frontier.peaks_.size() * sizeof(Digest)) {
    return fail(ErrorCode::corrupt,
                fmt::format("the Merkle frontier has {} bytes, which fits no tree", bytes.size()));
  }
  bytes.remove_prefix(sizeof frontier.size_);
  for (Digest& peak : frontier.peaks_) {
    std::memcpy(peak.data(), bytes.data(), peak.size());
    bytes.remove_prefix(peak.size());
  }
  return frontier;
}

}  // namespace muster
