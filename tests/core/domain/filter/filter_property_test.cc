#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/domain/filter/fields.h"
#include "core/domain/filter/filter.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::size_t depth_max = 4;

std::string value_for(const FieldRule& rule) {
  switch (rule.value) {
    case FilterValue::word:
      return std::string(rule.words[*rc::gen::inRange<std::size_t>(0, rule.words.size())]);
    case FilterValue::version:
      return *rc::gen::element<std::string>("1", "2.12.0", "v1.4-rc.1", "OS 3.1+rev2");
    case FilterValue::age:
      return *rc::gen::element<std::string>("0s", "90s", "10m", "2h", "7d");
    default:
      return *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::oneOf(
          rc::gen::element('a', '"', '\\', '\'', ' ', '(', '\n'), rc::gen::arbitrary<char>())));
  }
}

Filter any_term() {
  const auto rules = field_rules();
  const FieldRule& rule = rules[*rc::gen::inRange<std::size_t>(0, rules.size())];
  Filter filter;
  filter.term.field = rule.field;
  if (rule.field == FilterField::tag) {
    filter.term.tag = *rc::gen::element<std::string>("a", "site", "x.y/z:1", "and", "-");
  }
  filter.term.op = rule.operators[*rc::gen::inRange<std::size_t>(0, rule.operators.size())];
  if (filter.term.op != FilterOperator::holds) filter.term.value = value_for(rule);
  return filter;
}

Filter any_filter(std::size_t depth) {
  const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
  if (kind == 0) return any_term();
  Filter filter;
  filter.kind = static_cast<Filter::Kind>(kind);
  const int parts = filter.kind == Filter::Kind::negation ? 1 : *rc::gen::inRange(2, 4);
  for (int i = 0; i < parts; ++i) filter.parts.push_back(any_filter(depth - 1));
  return filter;
}

std::size_t terms_of(const Filter& filter) {
  if (filter.kind == Filter::Kind::term) return 1;
  std::size_t terms = 0;
  for (const Filter& part : filter.parts) terms += terms_of(part);
  return terms;
}

}  // namespace

TEST_CASE("filter: whatever is printed reads as the same filter") {
  CHECK(rc::check("parse of print", [] {
    const Filter filter = any_filter(depth_max);
    RC_PRE(terms_of(filter) <= filter_terms_max);
    const std::string text = to_string(filter);
    RC_PRE(text.size() <= filter_size_max);
    const auto again = parse_filter(text);
    RC_LOG(text);
    RC_ASSERT(again.has_value());
    RC_ASSERT((*again == filter));
    RC_ASSERT(to_string(*again) == text);
  }));
}

TEST_CASE("filter: any bytes are a filter that prints, or an error within them") {
  const std::vector<std::string> pieces{"and",  "or",   "not",    "(",    ")",        "=",
                                        "!=",   "<",    " ",      "\"",   "'",        "\\",
                                        "name", "os",   "online", "tag.", "1.0",      "2h",
                                        "ä",    "\x80", "stuck",  ">",    "contains", "fleet"};
  CHECK(rc::check("bytes", [&pieces] {
    std::string text;
    for (int i = *rc::gen::inRange(0, 40); i > 0; --i) {
      const bool piece = *rc::gen::inRange(0, 4) > 0;
      text += piece ? *rc::gen::elementOf(pieces) + " " : *rc::gen::arbitrary<std::string>();
    }
    const auto filter = parse_filter(text);
    if (filter) {
      RC_ASSERT((parse_filter(to_string(*filter)).value() == *filter));
    } else {
      RC_ASSERT(filter.error().position <= text.size());
      RC_ASSERT_FALSE(filter.error().rule.empty());
      RC_ASSERT(invalid_filter(text, filter.error()).pointer->position <= text.size());
    }
  }));
}
