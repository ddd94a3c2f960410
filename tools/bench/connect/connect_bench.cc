#include "tools/bench/connect/connect_bench.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "tools/bench/connect/connect_stand.h"
#include "tools/bench/connect/storm.h"
#include "tools/bench/support/check_number.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/scratch_folder.h"

namespace muster::bench {
namespace {

constexpr std::size_t devices_max = 20'000;  // Each has a port of this machine.
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t at_once_max = 1'000;
constexpr rlim_t other_files = 200;

/// As many open files as the clients need; the brokers inherit it.
Result<void> allow_files(std::size_t clients) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t needed = clients + other_files;
  if (limit.rlim_cur >= needed) return {};
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed) return {};
  return fail(
      ErrorCode::invalid_input,
      fmt::format("{} devices need {} open files, this system allows {}: raise `ulimit -n`, "
                  "or use fewer",
                  clients, needed, limit.rlim_max));
}

struct Round {
  double first = 0;
  double known = 0;
  double plain = 0;
};

Result<double> rate_of(const ConnectStand& stand, const StormPlan& plan) {
  if (auto settled = stand.settle(); !settled) return tl::unexpected(settled.error());
  const auto took = run_storm(plan);
  if (!took) return tl::unexpected(took.error());
  return static_cast<double>(plan.clients.size()) / std::chrono::duration<double>(*took).count();
}

Result<Round> run_round(const ConnectStand& stand, const ConnectOptions& options) {
  const auto devices = stand.new_devices(options.devices);
  StormPlan plan{.broker = stand.guarded(), .clients = devices, .at_once = options.at_once};
  const auto first = rate_of(stand, plan);
  if (!first) return tl::unexpected(first.error());
  const auto known = rate_of(stand, plan);
  if (!known) return tl::unexpected(known.error());
  plan.broker = stand.plain();
  const auto plain = rate_of(stand, plan);
  if (!plain) return tl::unexpected(plain.error());
  return Round{.first = *first, .known = *known, .plain = *plain};
}

template <typename Of>
std::vector<double> all(const std::vector<Round>& rounds, Of of) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const Round& round : rounds) values.push_back(of(round));
  return values;
}

ConnectResult summary_of(const std::vector<Round>& rounds) {
  const auto ratios = all(rounds, [](const Round& r) { return r.known / r.plain; });
  return {.first_per_s = median(all(rounds, [](const Round& r) { return r.first; })),
          .known_per_s = median(all(rounds, [](const Round& r) { return r.known; })),
          .plain_per_s = median(all(rounds, [](const Round& r) { return r.plain; })),
          .ratio = median(ratios),
          .ratio_min = *std::ranges::min_element(ratios),
          .ratio_max = *std::ranges::max_element(ratios)};
}

}  // namespace

Result<ConnectResult> run_connect(const ConnectOptions& options, const Progress& progress) {
  const auto valid =
      check_number("devices", options.devices, 1, devices_max)
          .and_then([&] { return check_number("rounds", options.rounds, 1, rounds_max); })
          .and_then([&] { return check_number("at once", options.at_once, 1, at_once_max); })
          .and_then([&] { return allow_files(options.devices); });
  if (!valid) return tl::unexpected(valid.error());
  const auto folder = ScratchFolder::make(options.folder);
  if (!folder) return tl::unexpected(folder.error());
  const auto stand = ConnectStand::open(folder->path());
  if (!stand) return tl::unexpected(stand.error());
  std::vector<Round> rounds;
  for (std::size_t number = 1; number <= options.rounds; ++number) {
    if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    progress.say(fmt::format("connect: round {} of {}", number, options.rounds));
    const auto round = run_round(*stand, options);
    if (!round) return tl::unexpected(round.error());
    rounds.push_back(*round);
  }
  return summary_of(rounds);
}

}  // namespace muster::bench
