#include "core/domain/filter/lexer.h"

#include <algorithm>
#include <array>

namespace muster {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr std::array<std::string_view, 6> signs{"!=", "<=", ">=", "=", "<", ">"};
constexpr std::array<std::string_view, 5> reserved{"and", "or", "not", "starts-with", "contains"};

bool is_word_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("_.:/+@-").find(c) != std::string_view::npos;
}

}  // namespace

FilterToken FilterLexer::taken(FilterToken::Kind kind, std::size_t size) {
  FilterToken token{.kind = kind, .text = std::string(text_.substr(at_, size)), .position = at_};
  at_ += size;
  return token;
}

tl::expected<FilterToken, FilterError> FilterLexer::next() {
  at_ = std::min(text_.find_first_not_of(blanks, at_), text_.size());
  if (at_ == text_.size()) return taken(FilterToken::Kind::end, 0);
  const char first = text_[at_];
  if (first == '(') return taken(FilterToken::Kind::open, 1);
  if (first == ')') return taken(FilterToken::Kind::close, 1);
  if (first == '"' || first == '\'') return quoted(first);
  const auto rest = text_.substr(at_);
  for (const auto sign : signs) {
    if (rest.starts_with(sign)) return taken(FilterToken::Kind::sign, sign.size());
  }
  const auto end = std::ranges::find_if_not(rest, is_word_character);
  const auto size = static_cast<std::size_t>(end - rest.begin());
  if (size > 0) return taken(FilterToken::Kind::word, size);
  return tl::unexpected(FilterError{at_, "this character stands in quotes only"});
}

tl::expected<FilterToken, FilterError> FilterLexer::quoted(char quote) {
  FilterToken token{.kind = FilterToken::Kind::quoted, .text = {}, .position = at_};
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == quote) {
      at_ = i + 1;
      return token;
    }
    if (text_[i] != '\\') {
      token.text.push_back(text_[i]);
      continue;
    }
    const char escaped = i + 1 < text_.size() ? text_[i + 1] : '\0';
    if (escaped != '\\' && escaped != '"' && escaped != '\'') {
      return tl::unexpected(FilterError{i, "a backslash stands before a quote or a backslash"});
    }
    token.text.push_back(escaped);
    ++i;
  }
  return tl::unexpected(FilterError{at_, "this quote is not closed"});
}

bool is_plain_word(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, is_word_character) &&
         std::ranges::find(reserved, text) == reserved.end();
}

}  // namespace muster
