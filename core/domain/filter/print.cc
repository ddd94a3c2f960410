#include <fmt/format.h>

#include <algorithm>

#include "core/domain/filter/fields.h"
#include "core/domain/filter/filter.h"
#include "core/domain/filter/lexer.h"

namespace muster {
namespace {

std::string value_text(const std::string& value) {
  if (is_plain_word(value)) return value;
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text.push_back('\\');
    text.push_back(c);
  }
  return text.append("\"");
}

std::string term_text(const FilterTerm& term) {
  std::string text = fmt::format("{}{}", rule_of(term.field).name, term.tag);
  if (term.op == FilterOperator::holds) return text;
  return fmt::format("{} {} {}", text, to_string(term.op), value_text(term.value));
}

/// A part within `outer`, in brackets where it would be read otherwise without.
std::string part_text(const Filter& part, Filter::Kind outer) {
  const bool joins = part.kind == Filter::Kind::all || part.kind == Filter::Kind::any;
  const bool binds_tighter = outer == Filter::Kind::any && part.kind == Filter::Kind::all;
  if (joins && !binds_tighter) return fmt::format("({})", to_string(part));
  return to_string(part);
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

}  // namespace

std::string to_string(const Filter& filter) {
  if (filter.kind == Filter::Kind::term) return term_text(filter.term);
  if (filter.kind == Filter::Kind::negation) {
    return fmt::format("not {}", part_text(filter.parts.front(), filter.kind));
  }
  const std::string_view joint = filter.kind == Filter::Kind::all ? " and " : " or ";
  std::string text;
  for (const Filter& part : filter.parts) {
    if (!text.empty()) text.append(joint);
    text.append(part_text(part, filter.kind));
  }
  return text;
}

bool mentions(const Filter& filter, FilterField field) {
  if (filter.kind == Filter::Kind::term) return filter.term.field == field;
  return std::ranges::any_of(filter.parts,
                             [&](const Filter& part) { return mentions(part, field); });
}

Rejection invalid_filter(std::string_view text, const FilterError& error) {
  const std::size_t position = characters(text.substr(0, error.position));
  return Rejection{.code = RejectionCode::invalid_filter,
                   .entity = "filter",
                   .rule = fmt::format("at character {}: {}", position + 1, error.rule),
                   .remedy = "correct it there; docs/filter-language.md has the whole language",
                   .candidates = {},
                   .pointer = TextPointer{.text = std::string(text.substr(0, filter_size_max)),
                                          .position = position}};
}

}  // namespace muster
