#include "projections/inventory/live_state.h"

#include <algorithm>

#include "core/domain/filter/fields.h"

namespace muster {

ReportStatus parse_report_status(std::string_view word) noexcept {
  const auto words = rule_of(FilterField::status).words;  // In the order of the enumeration.
  const auto at = std::ranges::find(words, word);
  if (at == words.end()) return ReportStatus::none;
  return static_cast<ReportStatus>(at - words.begin() + 1);
}

}  // namespace muster
