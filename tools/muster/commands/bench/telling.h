#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "core/base/error.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/progress.h"
#include "tools/muster/support/session.h"

namespace muster::cli {

// How measured numbers are written, as JSON (microseconds) and for people (milliseconds).

[[nodiscard]] double micros(std::chrono::nanoseconds time);
[[nodiscard]] std::string millis(double micros);
[[nodiscard]] std::string whole(double value);
[[nodiscard]] std::string verdict(bool met);
[[nodiscard]] Json latency_json(const bench::LatencySummary& latency);

/// The program that runs: what a benchmark starts as a server unless told otherwise.
[[nodiscard]] std::filesystem::path this_program();

/// Calls `measure` with a progress that is shown on a terminal, on one line that goes away at the
/// end, and that ends at Ctrl-C.
void with_progress(Session& session, const std::function<void(const bench::Progress&)>& measure);

/// Measures, and prints the result as `json` or `text` makes it of options and result.
template <typename Options, typename Measured>
Outcome run_benchmark(Session& session, const Options& options,
                      Result<Measured> (*measure)(const Options&, const bench::Progress&),
                      Json (*json)(const Options&, const Measured&),
                      std::string (*text)(const Measured&)) {
  Result<Measured> measured = fail(ErrorCode::failed, "nothing was measured");
  with_progress(session,
                [&](const bench::Progress& progress) { measured = measure(options, progress); });
  if (!measured) return failed(measured.error());
  if (session.json()) {
    session.print_json(json(options, *measured));
  } else {
    session.print(text(*measured));
  }
  return {};
}

}  // namespace muster::cli
