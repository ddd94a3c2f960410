#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "core/domain/filter/filter.h"

namespace muster {

/// The smallest parts of a filter's text.
struct FilterToken {
  enum class Kind : std::uint8_t { end, word, quoted, sign, open, close };
  Kind kind = Kind::end;
  std::string text;          // Of a quoted one without quotes and escapes.
  std::size_t position = 0;  // Of its first byte.

  [[nodiscard]] bool is_word(std::string_view word) const {
    return kind == Kind::word && text == word;
  }
};

/// Cuts a text into tokens, one after the other.
class FilterLexer {
 public:
  explicit FilterLexer(std::string_view text) : text_(text) {}

  /// The next token; `end` again and again once there are no more.
  tl::expected<FilterToken, FilterError> next();

 private:
  tl::expected<FilterToken, FilterError> quoted(char quote);
  FilterToken taken(FilterToken::Kind kind, std::size_t size);

  std::string_view text_;
  std::size_t at_ = 0;
};

/// True if `text` may be written without quotes.
bool is_plain_word(std::string_view text) noexcept;

}  // namespace muster
