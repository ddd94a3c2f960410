#pragma once

#include <optional>
#include <string>
#include <vector>

#include "projections/history/history_reader.h"
#include "tools/server/api/api.h"

namespace muster {

/// What a request wants of a history.
struct HistoryQuery {
  HistoryOrder order = HistoryOrder::newest_first;
  Sequence from;  // The first one that may be on the page; 0: no limit.
  std::size_t limit = 0;
  std::vector<std::string> kinds;  // Empty: all.
  std::optional<UserId> actor;     // None: anybody.

  /// From `order`, `after`, `limit`, `kind` and `actor`.
  /// Problems: 400 `invalid-field`; 404 `unknown-user`.
  static HttpResult<HistoryQuery> of(const Query& query);
};

/// The page of `streams`, merged, as the query wants it: only what the caller sees. `shown`: a
/// fleet of which these streams are seen anyway. Problems: 500 for a damaged log.
[[nodiscard]] HttpResult<HttpResponse> history_page(const Query& query,
                                                    const std::vector<Stream>& streams,
                                                    FleetId shown = {});

}  // namespace muster
