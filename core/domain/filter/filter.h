#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/domain/decide/rejection.h"

namespace muster {

// The filter language: which devices, said in one line (docs/filter-language.md). Pure: here is
// its form only; what a filter selects is found by the inventory.

/// What a term of a filter is about.
enum class FilterField : std::uint8_t {
  fleet,
  type,
  policy,
  pinned_to,
  target,
  running,
  stuck,
  stuck_cause,
  online,
  presence,
  status,
  name,
  uuid,
  tag,
  os,
  os_variant,
  agent,
  lifecycle
};

enum class FilterOperator : std::uint8_t {
  holds,  // The field alone: `online`, `tag.site`, `stuck`.
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  starts_with,
  contains
};

struct FilterTerm {
  FilterField field = FilterField::online;
  std::string tag;  // The key, where the field is `tag`.
  FilterOperator op = FilterOperator::holds;
  std::string value;

  friend bool operator==(const FilterTerm&, const FilterTerm&) = default;
};

/// A parsed filter. `all` and `any` have two parts or more, `negation` has one, a term none.
struct Filter {
  enum class Kind : std::uint8_t { term, negation, all, any };
  Kind kind = Kind::term;
  FilterTerm term;
  std::vector<Filter> parts;

  friend bool operator==(const Filter&, const Filter&) = default;
};

/// What is wrong with a filter, and at which byte of it.
struct FilterError {
  std::size_t position = 0;
  std::string rule;
};

// A filter beyond one of these is an error.
inline constexpr std::size_t filter_size_max = 4'000;
inline constexpr std::size_t filter_depth_max = 32;  // Of `not` and brackets within each other.
inline constexpr std::size_t filter_terms_max = 32;

/// Reads a filter. Any bytes give a filter or an error.
[[nodiscard]] tl::expected<Filter, FilterError> parse_filter(std::string_view text);

/// The filter as text, which parse_filter reads as the same filter.
[[nodiscard]] std::string to_string(const Filter& filter);

/// The refusal of `text`: invalid_filter, pointing at the character.
[[nodiscard]] Rejection invalid_filter(std::string_view text, const FilterError& error);

/// `90s`, `10m`, `2h`, `7d`, up to ten years; nullopt for anything else.
[[nodiscard]] std::optional<std::chrono::seconds> parse_duration(std::string_view text) noexcept;

/// How long a device that `stuck` alone means has not run its target.
inline constexpr std::chrono::minutes stuck_default{10};

/// True if `filter` or a part of it is a term about that field.
[[nodiscard]] bool mentions(const Filter& filter, FilterField field);

}  // namespace muster
