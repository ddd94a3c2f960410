#include "tools/bench/actions/actions_bench.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "tools/bench/actions/actions_stand.h"
#include "tools/bench/support/check_number.h"
#include "tools/bench/support/scratch_folder.h"

namespace muster::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::size_t devices_min = 11;  // Ten of them are pinned by themselves.
constexpr std::size_t devices_max = 1'000'000;
constexpr std::size_t actions_max = 100'000;
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t rate_max = 1'000;

Result<void> check(const ActionsOptions& options) {
  return check_number("devices", options.devices, devices_min, devices_max)
      .and_then([&] { return check_number("actions", options.actions, 1, actions_max); })
      .and_then([&] { return check_number("rounds", options.rounds, 1, rounds_max); })
      .and_then([&] { return check_number("actions a second", options.rate, 1, rate_max); });
}

/// One after the other, at a rate; the first few, which find nothing warm, do not count.
template <typename Measure>
Result<LatencySummary> measure_singles(const ActionsOptions& options, const Progress& progress,
                                       const Measure& measure) {
  constexpr std::size_t warm_up = 10;
  std::vector<nanoseconds> times;
  auto due = steady_clock::now();
  for (std::size_t i = 0; i < warm_up + options.actions; ++i) {
    std::this_thread::sleep_until(due);
    due = steady_clock::now() + nanoseconds{std::chrono::seconds{1}} / options.rate;
    const auto time = measure();
    if (!time) return tl::unexpected(time.error());
    if (i >= warm_up) times.push_back(*time);
    if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
  }
  return summarise(std::move(times));
}

Result<void> measure_fleet(const ActionsOptions& options, const Progress& progress,
                           ActionsStand& stand, ActionsResult& result) {
  std::vector<nanoseconds> answers;
  std::vector<nanoseconds> pins;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    progress.say(fmt::format("restart {} of {} of the fleet", round + 1, options.rounds));
    const auto run = stand.restart_fleet(options.rate, pins);
    if (!run) return tl::unexpected(run.error());
    answers.push_back(run->answer);
    result.over_per_s.push_back(static_cast<double>(options.devices) /
                                std::chrono::duration<double>(run->whole).count());
    if (auto on = progress.go_on(); !on) return on;
  }
  result.answer = summarise(std::move(answers));
  result.pins = summarise(std::move(pins));
  return {};
}

}  // namespace

Result<ActionsResult> run_actions(const ActionsOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say("starting a broker and a server");
  const auto made = ActionsStand::make(options.program, scratch->path(), options.devices, progress);
  if (!made) return tl::unexpected(made.error());
  ActionsStand& stand = **made;
  progress.say("restarting devices that are online");
  const auto online = measure_singles(options, progress, [&] { return stand.restart_one(); });
  if (!online) return tl::unexpected(online.error());
  progress.say("restarting devices that come back");
  const auto back = measure_singles(options, progress, [&] { return stand.restart_returning(); });
  if (!back) return tl::unexpected(back.error());
  ActionsResult result{
      .online = *online, .returning = *back, .answer = {}, .pins = {}, .over_per_s = {}};
  auto done = measure_fleet(options, progress, stand, result);
  if (!done) return tl::unexpected(done.error());
  return result;
}

}  // namespace muster::bench
