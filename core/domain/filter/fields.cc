#include "core/domain/filter/fields.h"

#include <algorithm>
#include <utility>

namespace muster {
namespace {

using enum FilterOperator;

constexpr std::array flag{holds};
constexpr std::array equality{equal, not_equal};
constexpr std::array lasting{holds, greater};
constexpr std::array presence_or_equality{holds, equal, not_equal};
constexpr std::array beginning{equal, not_equal, starts_with};
constexpr std::array searching{equal, not_equal, starts_with, contains};
constexpr std::array ordering{equal, not_equal, less, less_or_equal, greater, greater_or_equal};

constexpr std::array<std::string_view, 2> policies{"pinned", "tracking"};
constexpr std::array<std::string_view, 4> causes{"offline", "locked", "rejected", "other"};
constexpr std::array<std::string_view, 3> presences{"online", "offline", "unknown"};
constexpr std::array<std::string_view, 8> statuses{
    "idle", "downloading", "downloaded", "locked", "waiting", "applying", "done", "rejected"};
constexpr std::array<std::string_view, 3> variants{"prod", "dev", "unknown"};
constexpr std::array<std::string_view, 4> lifecycles{"active", "deactivated", "orphaned",
                                                     "deleted"};

constexpr std::array rules{
    FieldRule{FilterField::fleet, "fleet", FilterValue::text, equality, {}},
    FieldRule{FilterField::type, "type", FilterValue::text, equality, {}},
    FieldRule{FilterField::policy, "policy", FilterValue::word, equality, policies},
    FieldRule{FilterField::pinned_to, "pinned-to", FilterValue::release, equality, {}},
    FieldRule{FilterField::target, "target", FilterValue::release_or_none, equality, {}},
    FieldRule{FilterField::running, "running", FilterValue::release_or_none, equality, {}},
    FieldRule{FilterField::stuck, "stuck", FilterValue::age, lasting, {}},
    FieldRule{FilterField::stuck_cause, "stuck-cause", FilterValue::word, equality, causes},
    FieldRule{FilterField::online, "online", FilterValue::none, flag, {}},
    FieldRule{FilterField::presence, "presence", FilterValue::word, equality, presences},
    FieldRule{FilterField::status, "status", FilterValue::word, equality, statuses},
    FieldRule{FilterField::name, "name", FilterValue::text, searching, {}},
    FieldRule{FilterField::uuid, "uuid", FilterValue::text, beginning, {}},
    FieldRule{FilterField::tag, tag_prefix, FilterValue::text, presence_or_equality, {}},
    FieldRule{FilterField::os, "os", FilterValue::version, ordering, {}},
    FieldRule{FilterField::os_variant, "os-variant", FilterValue::word, equality, variants},
    FieldRule{FilterField::agent, "agent", FilterValue::version, ordering, {}},
    FieldRule{FilterField::lifecycle, "lifecycle", FilterValue::word, equality, lifecycles},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (static_cast<std::size_t>(rules[i].field) != i) return false;
  }
  return rules.size() == static_cast<std::size_t>(FilterField::lifecycle) + 1;
}
static_assert(in_order(), "one rule a field, in the order of the enumeration");

constexpr std::array<std::pair<FilterOperator, std::string_view>, 8> operators{
    {{equal, "="},
     {not_equal, "!="},
     {less, "<"},
     {less_or_equal, "<="},
     {greater, ">"},
     {greater_or_equal, ">="},
     {starts_with, "starts-with"},
     {contains, "contains"}}};

}  // namespace

std::span<const FieldRule> field_rules() noexcept { return rules; }

const FieldRule& rule_of(FilterField field) noexcept {
  return rules[static_cast<std::size_t>(field)];
}

const FieldRule* find_field(std::string_view name) noexcept {
  if (name.starts_with(tag_prefix)) return &rule_of(FilterField::tag);
  const auto* found = std::ranges::find(rules, name, &FieldRule::name);
  return found == rules.end() ? nullptr : found;
}

std::string_view to_string(FilterOperator op) noexcept {
  for (const auto& [value, text] : operators) {
    if (value == op) return text;
  }
  return {};
}

std::optional<FilterOperator> parse_operator(std::string_view text) noexcept {
  for (const auto& [value, word] : operators) {
    if (word == text) return value;
  }
  return std::nullopt;
}

}  // namespace muster
