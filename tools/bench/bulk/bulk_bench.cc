#include "tools/bench/bulk/bulk_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "tools/bench/append/engine_stand.h"
#include "tools/bench/bulk/bulk_stand.h"
#include "tools/bench/support/check_number.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/scratch_folder.h"

namespace muster::bench {
namespace {

constexpr std::size_t devices_max = 1'000'000;
constexpr std::size_t pins_max = 400'000;  // What the engine keeps for the views.
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t batch_events = 200;  // As the server has it.

Result<void> check(const BulkOptions& options) {
  if (auto right = check_number("devices", options.devices, 1, devices_max); !right) return right;
  if (auto right = check_number("pins", options.pins, 1, pins_max); !right) return right;
  return check_number("rounds", options.rounds, 1, rounds_max);
}

/// What the rounds measured, in durable pins a second.
struct Rates {
  std::vector<double> http;
  std::vector<double> engine;
  std::vector<double> ratios;

  void add(std::size_t pins, std::chrono::nanoseconds over_http,
           std::chrono::nanoseconds in_engine) {
    const auto per_second = [pins](std::chrono::nanoseconds time) {
      return static_cast<double>(pins) / std::chrono::duration<double>(time).count();
    };
    http.push_back(per_second(over_http));
    engine.push_back(per_second(in_engine));
    ratios.push_back(http.back() / engine.back());
  }

  [[nodiscard]] BulkResult result() const {
    return BulkResult{.http_per_s = median(http),
                      .http_per_s_min = std::ranges::min(http),
                      .engine_per_s = median(engine),
                      .ratio = median(ratios),
                      .ratio_min = std::ranges::min(ratios),
                      .ratio_max = std::ranges::max(ratios)};
  }
};

}  // namespace

Result<BulkResult> run_bulk(const BulkOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say(fmt::format("registering {} devices, twice", options.devices));
  std::error_code error;
  for (const char* name : {"engine", "server"}) {
    std::filesystem::create_directory(scratch->path() / name, error);
  }
  auto engine = EngineStand::make(scratch->path() / "engine", options.devices, batch_events);
  if (!engine) return tl::unexpected(engine.error());
  auto server = BulkStand::make(options.program, scratch->path() / "server", options.devices);
  if (!server) return tl::unexpected(server.error());
  Rates rates;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    progress.say(fmt::format("round {} of {}, over HTTP", round + 1, options.rounds));
    const auto over_http = server->pin(options.pins, options.keys);
    if (!over_http) return tl::unexpected(over_http.error());
    progress.say(fmt::format("round {} of {}, the engine alone", round + 1, options.rounds));
    const auto alone = (*engine)->run({.pins = options.pins, .keys = options.keys});
    if (!alone) return tl::unexpected(alone.error());
    rates.add(options.pins, *over_http, alone->elapsed);
  }
  return rates.result();
}

}  // namespace muster::bench
