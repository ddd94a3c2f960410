#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/base/strong_id.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "projections/rows/words.h"

// Rows as bytes and back. What a row consists of is said by its `fields`, in namespace muster.

namespace muster {

template <typename T, typename Row>
concept Is = std::same_as<std::remove_const_t<T>, Row>;

/// True for types that stand inside rows and have `fields` of their own.
template <typename T>
inline constexpr bool is_part = false;

template <typename T>
concept Part = is_part<std::remove_const_t<T>>;

template <typename T>
concept Number = std::unsigned_integral<T> && !std::same_as<T, bool>;

template <typename T>
concept Word = std::is_enum_v<T> && std::same_as<std::underlying_type_t<T>, std::uint8_t>;

/// Appends values. Numbers are big-endian, texts and lists have their length in front.
class RowWriter {
 public:
  template <typename... Values>
  void operator()(const Values&... values) {
    (write(values), ...);
  }

  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void write(Number auto value) { append_big_endian(out_, value); }
  void write(std::int32_t value) { write(static_cast<std::uint32_t>(value)); }
  void write(bool value) { out_.push_back(value ? '\1' : '\0'); }
  void write(Word auto value) { write(static_cast<std::uint8_t>(value)); }
  void write(const Uuid& value) { out_.append(as_text(value.bytes)); }
  void write(const Ulid& value) { out_.append(as_text(value.bytes)); }
  void write(const Digest& value) { out_.append(as_text(value)); }
  void write(Timestamp value) {
    write(static_cast<std::uint64_t>(value.time_since_epoch().count()));
  }
  void write(const std::string& value) {
    write(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
  }
  template <typename Tag, typename Rep>
  void write(const StrongId<Tag, Rep>& value) {
    write(value.value());
  }
  template <typename T>
  void write(const std::optional<T>& value) {
    write(value.has_value());
    if (value) write(*value);
  }
  template <typename T>
  void write(const std::vector<T>& values) {
    write(static_cast<std::uint32_t>(values.size()));
    for (const T& value : values) write(value);
  }
  template <typename First, typename Second>
  void write(const std::pair<First, Second>& value) {
    write(value.first);
    write(value.second);
  }
  void write(const Part auto& value) { fields(*this, value); }

  std::string out_;
};

/// Reads what RowWriter wrote. After damage it reads zeros and is not `good` any more.
class RowReader {
 public:
  explicit RowReader(std::string_view bytes) : rest_(bytes) {}

  template <typename... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool good_to_the_end() const noexcept { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  template <Number T>
  void read(T& value) {
    const auto bytes = take(sizeof(T));
    value = bytes.empty() ? T{0} : read_big_endian<T>(bytes);
  }
  void read(std::int32_t& value) {
    std::uint32_t bits = 0;
    read(bits);
    value = static_cast<std::int32_t>(bits);
  }
  void read(bool& value) {
    std::uint8_t byte = 0;
    read(byte);
    if (byte > 1) good_ = false;
    value = byte == 1;
  }
  template <Word T>
  void read(T& value) {
    std::uint8_t byte = 0;
    read(byte);
    const auto word = static_cast<T>(byte);
    if (word < words_of(word).first || word > words_of(word).last) good_ = false;
    if (good_) value = word;
  }
  template <std::size_t Size>
  void read(std::array<std::uint8_t, Size>& value) {
    const auto bytes = as_bytes(take(Size));
    std::ranges::copy(bytes, value.begin());
  }
  void read(Uuid& value) { read(value.bytes); }
  void read(Ulid& value) { read(value.bytes); }
  void read(Timestamp& value) {
    std::uint64_t ticks = 0;
    read(ticks);
    value = Timestamp{Timestamp::duration{static_cast<std::int64_t>(ticks)}};
  }
  void read(std::string& value) {
    std::uint32_t size = 0;
    read(size);
    value = take(size);
  }
  template <typename Tag, typename Rep>
  void read(StrongId<Tag, Rep>& value) {
    Rep number{};
    read(number);
    value = StrongId<Tag, Rep>{number};
  }
  template <typename T>
  void read(std::optional<T>& value) {
    bool present = false;
    read(present);
    value.reset();
    if (present) read(value.emplace());
  }
  template <typename T>
  void read(std::vector<T>& values) {
    std::uint32_t size = 0;
    read(size);
    values.clear();
    // Not reserved: a damaged size must not take the memory of a real one.
    for (std::uint32_t i = 0; i < size && good_; ++i) read(values.emplace_back());
  }
  template <typename First, typename Second>
  void read(std::pair<First, Second>& value) {
    read(value.first);
    read(value.second);
  }
  void read(Part auto& value) { fields(*this, value); }

  std::string_view rest_;
  bool good_ = true;
};

}  // namespace muster
