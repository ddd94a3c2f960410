#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "core/domain/filter/filter.h"

namespace muster {

/// What may stand behind the operator of a field.
enum class FilterValue : std::uint8_t { none, text, word, release, release_or_none, version, age };

/// How a field is written, and what can be asked of it.
struct FieldRule {
  FilterField field = FilterField::online;
  std::string_view name;  // Of a tag, what comes before its key.
  FilterValue value = FilterValue::none;
  std::span<const FilterOperator> operators;
  std::span<const std::string_view> words;  // The values there are, where they are words.
};

/// What is written before the key of a tag.
inline constexpr std::string_view tag_prefix = "tag.";

/// All fields, in the order of the enumeration.
std::span<const FieldRule> field_rules() noexcept;

const FieldRule& rule_of(FilterField field) noexcept;

/// Null if there is no field of that name.
const FieldRule* find_field(std::string_view name) noexcept;

/// An operator as it is written; empty for `holds`.
std::string_view to_string(FilterOperator op) noexcept;

std::optional<FilterOperator> parse_operator(std::string_view text) noexcept;

}  // namespace muster
