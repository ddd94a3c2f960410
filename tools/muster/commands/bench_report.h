#pragma once

#include <string>
#include <vector>

#include "tools/bench/append_bench.h"
#include "tools/bench/pin_bench.h"
#include "tools/muster/support/session.h"

namespace muster::cli {

// What was measured, as JSON and for people.

[[nodiscard]] Json append_json(const bench::AppendOptions& options,
                               const std::vector<bench::AppendRow>& rows);
[[nodiscard]] std::string append_text(const std::vector<bench::AppendRow>& rows);

[[nodiscard]] Json pin_json(const bench::PinOptions& options, const bench::PinResult& result);
[[nodiscard]] std::string pin_text(const bench::PinResult& result);

}  // namespace muster::cli
