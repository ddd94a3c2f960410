#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"
#include "tools/http/client.h"

namespace muster::bench {

/// The first page of one list.
struct ListRow {
  std::string query;  // Of GET /v1/devices, for people.
  std::size_t total = 0;
  LatencySummary latency;  // Request to answer, 100 devices.
};

/// Asks for the first page of lists over the fleets of fill_varied_folder, `requests` times each,
/// one after the other: filters that select many, few and none, by each kind of term, sorted and
/// unsorted. Errors: failed if the server refuses; unavailable.
[[nodiscard]] Result<std::vector<ListRow>> measure_lists(HttpClient& server, std::size_t requests,
                                                         const Progress& progress);

}  // namespace muster::bench
