#include "tools/bench/rebuild/rebuild_bench.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "tools/bench/past/long_log.h"
#include "tools/bench/rebuild/pins_meanwhile.h"
#include "tools/bench/support/check_number.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/bench/support/server_process.h"
#include "tools/store/offline_views.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t devices_max = 100'000;
constexpr std::size_t events_max = 100'000'000;
constexpr std::size_t rounds_max = 100;
constexpr std::size_t threads_max = 256;
constexpr std::size_t rate_max = 1'000;

struct Measured {
  std::string projection;
  double ratio_wanted = 0;
  std::uint64_t rows = 0;
  std::vector<double> folded;
  std::vector<double> rebuilt;
  std::vector<double> ratios;
};

Result<void> check(const RebuildBenchOptions& options) {
  return check_number("devices", options.devices, 1, devices_max)
      .and_then([&] { return check_number("events", options.events, 1, events_max); })
      .and_then([&] { return check_number("rounds", options.rounds, 1, rounds_max); })
      .and_then([&] { return check_number("threads", options.threads, 0, threads_max); })
      .and_then([&] { return check_number("rate", options.rate, 1, rate_max); });
}

double rate_since(steady_clock::time_point began, std::uint64_t events) {
  return static_cast<double>(events) /
         std::chrono::duration<double>(steady_clock::now() - began).count();
}

/// RocksDB alone, with its checksums: each thread reads a stretch of the log.
Result<double> scan(const RocksEventLog& log, std::size_t threads) {
  const std::uint64_t head = log.head().value();
  std::atomic<std::uint64_t> bytes{0};
  std::atomic<bool> failed{false};
  const auto began = steady_clock::now();
  {
    std::vector<std::jthread> readers;
    for (std::size_t reader = 0; reader < threads; ++reader) {
      readers.emplace_back([&, reader] {
        const Sequence after{head * reader / threads};
        const Sequence last{head * (reader + 1) / threads};
        std::uint64_t read = 0;
        const auto done = log.read_stored(after, [&](Sequence sequence, std::string_view record) {
          read += record.size();
          return sequence < last;
        });
        if (!done) failed = true;
        bytes += read;
      });
    }
  }
  if (failed || bytes == 0) return fail(ErrorCode::failed, "the log cannot be scanned");
  return rate_since(began, head);
}

Result<void> measure(OfflineViews& offline, Measured& measured, double raw, std::size_t threads) {
  RebuildProgress unwatched;
  const auto began = steady_clock::now();
  const auto report = rebuild(offline.parts(), measured.projection,
                              {.from_start = true, .threads = threads}, unwatched, {});
  if (!report) return tl::unexpected(report.error());
  const auto head = offline.head().value();
  measured.rebuilt.push_back(rate_since(began, head));
  measured.folded.push_back(static_cast<double>(head) / report->folding_s);
  measured.ratios.push_back(measured.rebuilt.back() / raw);
  measured.rows = report->comparison.rows;
  if (report->comparison.differences == 0) return {};
  return fail(ErrorCode::failed, fmt::format("{} is not what the log says", measured.projection));
}

Result<void> measure_offline(const RebuildBenchOptions& options, const std::filesystem::path& data,
                             const Progress& progress, RebuildBenchResult& result) {
  auto offline = OfflineViews::open(data, OfflineViews::For::rebuilding);
  if (!offline) return tl::unexpected(std::move(offline).error());
  result.events = (*offline)->head().value();
  std::vector<Measured> all{{.projection = "registry", .ratio_wanted = 0.4},
                            {.projection = "history", .ratio_wanted = 0.15}};
  std::vector<double> raws;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (Measured& each : all) {
      if (auto on = progress.go_on(); !on) return on;
      progress.say(fmt::format("round {} of {}: {}", round + 1, options.rounds, each.projection));
      const auto raw = scan((*offline)->log(), result.threads);
      if (!raw) return tl::unexpected(raw.error());
      raws.push_back(*raw);
      if (auto done = measure(**offline, each, *raw, result.threads); !done) return done;
    }
  }
  result.raw_per_s = median(raws);
  for (const Measured& each : all) {
    result.rows.push_back({.projection = each.projection,
                           .rows = each.rows,
                           .folded_per_s = median(each.folded),
                           .rebuilt_per_s = median(each.rebuilt),
                           .ratio = median(each.ratios),
                           .ratio_wanted = each.ratio_wanted});
  }
  return {};
}

}  // namespace

Result<RebuildBenchResult> run_rebuild(const RebuildBenchOptions& options,
                                       const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say("making a data folder");
  {
    const auto first = ServerProcess::start(options.program, scratch->path());
    if (!first) return tl::unexpected(first.error());
  }
  const auto data = scratch->path() / "data";
  auto filled = fill_long_log(data, options.devices, options.events, progress);
  if (!filled) return tl::unexpected(std::move(filled).error());
  RebuildBenchResult result;
  result.threads = options.threads > 0
                       ? options.threads
                       : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  auto measured = measure_offline(options, data, progress, result);
  if (!measured) return tl::unexpected(std::move(measured).error());
  progress.say("a server rebuilds all, devices are pinned meanwhile");
  const auto server = ServerProcess::start(options.program, scratch->path());
  if (!server) return tl::unexpected(server.error());
  auto pinned = pin_meanwhile(*server, options.rate, progress);
  if (!pinned) return tl::unexpected(std::move(pinned).error());
  result.online_s = pinned->seconds;
  result.quiet = pinned->quiet;
  result.rebuilding = pinned->rebuilding;
  return result;
}

}  // namespace muster::bench
