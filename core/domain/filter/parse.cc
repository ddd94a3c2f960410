#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/base/hex.h"
#include "core/domain/decide/names.h"
#include "core/domain/filter/fields.h"
#include "core/domain/filter/filter.h"
#include "core/domain/filter/lexer.h"
#include "core/domain/filter/version_order.h"

namespace muster {
namespace {

using Parsed = tl::expected<Filter, FilterError>;

tl::unexpected<FilterError> refuse(const FilterToken& at, std::string rule) {
  return tl::unexpected(FilterError{at.position, std::move(rule)});
}

/// How a rule names what may stand behind a field.
std::string operators_text(const FieldRule& rule) {
  std::vector<std::string_view> words;
  for (const FilterOperator op : rule.operators) {
    if (op != FilterOperator::holds) words.push_back(to_string(op));
  }
  return fmt::format("{}", fmt::join(words, " "));
}

tl::unexpected<FilterError> unknown_field(const FilterToken& at) {
  std::vector<std::string> names;
  for (const FieldRule& rule : field_rules()) {
    names.emplace_back(rule.name);
    if (rule.field == FilterField::tag) names.back() += "KEY";
  }
  return refuse(at, fmt::format("there is no field `{}`; the fields are {}", at.text,
                                fmt::join(names, ", ")));
}

/// Empty if `value` may stand behind that field, else what may.
std::string check_value(const FieldRule& rule, const std::string& value) {
  if (value.empty() && rule.field != FilterField::tag) return "the value is empty";
  switch (rule.value) {
    case FilterValue::word:
      if (std::ranges::find(rule.words, value) != rule.words.end()) return {};
      return fmt::format("`{}` is one of {}", rule.name, fmt::join(rule.words, ", "));
    case FilterValue::version:
      if (parse_version(value)) return {};
      return "a version is numbers with points between them, as 2.12.0 or 2.12.0-rc.1";
    case FilterValue::age:
      if (parse_duration(value)) return {};
      return "a time is a number and s, m, h or d, as 90s or 2h, at most ten years";
    case FilterValue::release:
      if (value != "none") return {};
      return "`policy = tracking` is how to ask for devices without a pin of their own";
    default:
      return {};
  }
}

/// Reads by recursive descent; each function takes what its rule of the grammar covers.
class FilterParser {
 public:
  explicit FilterParser(std::string_view text) : lexer_(text) {}

  Parsed parse() {
    if (auto first = advance(); !first) return tl::unexpected(first.error());
    auto filter = alternatives();
    if (!filter) return filter;
    if (token_.kind == FilterToken::Kind::end) return filter;
    if (token_.kind == FilterToken::Kind::close)
      return refuse(token_, "this bracket opens nowhere");
    return refuse(token_, "`and`, `or` or the end belongs here");
  }

 private:
  tl::expected<void, FilterError> advance() {
    auto next = lexer_.next();
    if (!next) return tl::unexpected(next.error());
    token_ = std::move(*next);
    return {};
  }

  /// One part, or several joined by `word`.
  Parsed joined(Filter::Kind kind, std::string_view word, Parsed (FilterParser::*part)()) {
    auto first = (this->*part)();
    if (!first || !token_.is_word(word)) return first;
    Filter filter{.kind = kind, .term = {}, .parts = {}};
    filter.parts.push_back(std::move(*first));
    while (token_.is_word(word)) {
      if (auto done = advance(); !done) return tl::unexpected(done.error());
      auto next = (this->*part)();
      if (!next) return next;
      filter.parts.push_back(std::move(*next));
    }
    return filter;
  }

  Parsed alternatives() { return joined(Filter::Kind::any, "or", &FilterParser::conditions); }
  Parsed conditions() { return joined(Filter::Kind::all, "and", &FilterParser::condition); }

  Parsed condition() {
    const bool negated = token_.is_word("not");
    if (!negated && token_.kind != FilterToken::Kind::open) return term();
    const FilterToken start = token_;
    if (++depth_ > filter_depth_max) {
      return refuse(start, fmt::format("a filter is at most {} levels deep", filter_depth_max));
    }
    if (auto done = advance(); !done) return tl::unexpected(done.error());
    auto inner = negated ? condition() : bracketed(start);
    --depth_;
    if (!inner || !negated) return inner;
    Filter negation{.kind = Filter::Kind::negation, .term = {}, .parts = {}};
    negation.parts.push_back(std::move(*inner));
    return negation;
  }

  Parsed bracketed(const FilterToken& start) {
    auto inner = alternatives();
    if (!inner) return inner;
    if (token_.kind == FilterToken::Kind::end) return refuse(start, "this bracket is not closed");
    if (token_.kind != FilterToken::Kind::close) {
      return refuse(token_, "`and`, `or` or `)` belongs here");
    }
    if (auto done = advance(); !done) return tl::unexpected(done.error());
    return inner;
  }

  Parsed term() {
    const FilterToken start = token_;
    if (start.kind != FilterToken::Kind::word || !is_plain_word(start.text)) {
      return refuse(start, "a field belongs here, as `fleet`, `online` or `tag.site`");
    }
    const FieldRule* rule = find_field(start.text);
    if (rule == nullptr) return unknown_field(start);
    Filter filter;
    filter.term.field = rule->field;
    if (rule->field == FilterField::tag) {
      filter.term.tag = start.text.substr(tag_prefix.size());
      if (!is_tag_key(filter.term.tag)) {
        return refuse(start, fmt::format("the key of a tag is {}", tag_key_rule));
      }
    }
    if (++terms_ > filter_terms_max) {
      return refuse(start, fmt::format("a filter has at most {} terms", filter_terms_max));
    }
    if (auto done = advance(); !done) return tl::unexpected(done.error());
    if (auto done = comparison(*rule, filter.term); !done) return tl::unexpected(done.error());
    return filter;
  }

  /// Operator and value, or nothing where the field can stand alone.
  tl::expected<void, FilterError> comparison(const FieldRule& rule, FilterTerm& term) {
    const auto op = token_.kind == FilterToken::Kind::word || token_.kind == FilterToken::Kind::sign
                        ? parse_operator(token_.text)
                        : std::nullopt;
    const auto allowed = [&](FilterOperator wanted) {
      return std::ranges::find(rule.operators, wanted) != rule.operators.end();
    };
    if (!op && allowed(FilterOperator::holds)) return {};
    if (!op || !allowed(*op)) {
      const std::string fitting = operators_text(rule);
      if (fitting.empty()) return refuse(token_, fmt::format("`{}` stands alone", rule.name));
      return refuse(token_, fmt::format("behind `{}` stands one of {}", rule.name, fitting));
    }
    term.op = *op;
    if (auto done = advance(); !done) return tl::unexpected(done.error());
    return value(rule, term);
  }

  tl::expected<void, FilterError> value(const FieldRule& rule, FilterTerm& term) {
    const bool plain = token_.kind == FilterToken::Kind::word && is_plain_word(token_.text);
    if (!plain && token_.kind != FilterToken::Kind::quoted) {
      return refuse(token_, "a value belongs here; put it in quotes if it is not one plain word");
    }
    if (auto problem = check_value(rule, token_.text); !problem.empty()) {
      return refuse(token_, std::move(problem));
    }
    term.value = std::move(token_.text);
    return advance();
  }

  FilterLexer lexer_;
  FilterToken token_;
  std::size_t depth_ = 0;
  std::size_t terms_ = 0;
};

}  // namespace

Parsed parse_filter(std::string_view text) {
  if (text.size() > filter_size_max) {
    return tl::unexpected(FilterError{
        filter_size_max, fmt::format("a filter has at most {} bytes", filter_size_max)});
  }
  return FilterParser(text).parse();
}

std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept {
  constexpr std::chrono::seconds longest = std::chrono::days{3'650};
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  std::int64_t count = 0;
  const auto* unit = text.data() + text.size() - 1;
  const auto read = std::from_chars(text.data(), unit, count);
  if (read.ec != std::errc{} || read.ptr != unit || count < 0) return std::nullopt;
  std::chrono::seconds duration{count};
  if (*unit == 'm') duration *= 60;
  if (*unit == 'h') duration *= 3'600;
  if (*unit == 'd') duration *= 86'400;
  const bool known = std::string_view("smhd").find(*unit) != std::string_view::npos;
  if (!known || duration > longest) return std::nullopt;
  return duration;
}

}  // namespace muster
