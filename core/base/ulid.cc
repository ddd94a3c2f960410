#include "core/base/ulid.h"

#include <algorithm>
#include <cstddef>
#include <span>

#include "core/base/random.h"

namespace muster {
namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t text_length = 26;
constexpr unsigned padding_bits = 2;  // 26 * 5 = 130 bits hold 128.
constexpr std::size_t time_size = 6;
constexpr std::size_t random_size = sizeof(Ulid) - time_size;

/// Random bytes of one thread, drawn for many at once: drawing costs much, bytes little.
class RandomStock {
 public:
  void give(std::span<std::uint8_t, random_size> bytes) {
    if (next_ == stock_.size()) {
      fill_random(stock_);
      next_ = 0;
    }
    std::ranges::copy_n(stock_.begin() + static_cast<std::ptrdiff_t>(next_), random_size,
                        bytes.begin());
    next_ += random_size;
  }

 private:
  std::array<std::uint8_t, 64 * random_size> stock_{};
  std::size_t next_ = stock_.size();
};

}  // namespace

std::string to_string(const Ulid& ulid) {
  std::string text(text_length, '0');
  for (std::size_t i = 0; i < text_length; ++i) {
    unsigned value = 0;
    for (unsigned bit = 0; bit < 5; ++bit) {
      const auto position = static_cast<int>(i * 5 + bit) - static_cast<int>(padding_bits);
      value <<= 1U;
      if (position < 0) continue;
      const auto at = static_cast<unsigned>(position);
      value |= (static_cast<unsigned>(ulid.bytes[at / 8]) >> (7U - at % 8U)) & 1U;
    }
    text[i] = alphabet[value];
  }
  return text;
}

std::optional<Ulid> parse_ulid(std::string_view text) {
  if (text.size() != text_length || text.front() > '7') return std::nullopt;
  Ulid ulid;
  for (std::size_t i = 0; i < text_length; ++i) {
    const auto value = alphabet.find(text[i]);
    if (value == std::string_view::npos) return std::nullopt;
    for (unsigned bit = 0; bit < 5; ++bit) {
      const auto position = static_cast<int>(i * 5 + bit) - static_cast<int>(padding_bits);
      if (position < 0 || ((value >> (4U - bit)) & 1U) == 0) continue;
      const auto at = static_cast<unsigned>(position);
      ulid.bytes[at / 8] = static_cast<std::uint8_t>(ulid.bytes[at / 8] | (0x80U >> (at % 8U)));
    }
  }
  return ulid;
}

Ulid random_ulid(Timestamp at) {
  Ulid ulid;
  thread_local RandomStock stock;
  stock.give(std::span(ulid.bytes).subspan<time_size>());
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch();
  auto milliseconds = static_cast<std::uint64_t>(since_epoch.count());
  for (std::size_t i = time_size; i > 0; --i) {
    ulid.bytes[i - 1] = static_cast<std::uint8_t>(milliseconds & 0xffU);
    milliseconds >>= 8U;
  }
  return ulid;
}

}  // namespace muster
