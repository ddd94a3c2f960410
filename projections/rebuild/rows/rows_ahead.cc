#include "projections/rebuild/rows/rows_ahead.h"

#include <utility>

#include "core/base/thread_name.h"

namespace muster {

RowsAhead::RowsAhead(Bring bring)
    : thread_([this, bring = std::move(bring)] {
        name_this_thread("muster-ahead");
        outcome_ = bring([this](std::string_view key, std::string_view value) {
          return queue_.put(key, value);
        });
        queue_.end();
      }) {}

RowsAhead::~RowsAhead() { queue_.refuse(); }

Result<bool> RowsAhead::next() {
  if (queue_.next()) return true;
  if (!outcome_) return tl::unexpected(outcome_.error());
  return false;
}

}  // namespace muster
