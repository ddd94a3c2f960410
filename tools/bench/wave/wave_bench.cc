#include "tools/bench/wave/wave_bench.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <utility>

#include "tools/bench/support/check_number.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/bench/wave/wave_stand.h"

namespace muster::bench {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t devices_max = 1'000'000;
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t rate_max = 1'000;
constexpr std::array<std::uint16_t, 4> windows{20, 50, 100, 200};

Result<void> check(const WaveOptions& options) {
  if (auto right = check_number("devices", options.devices, 1, devices_max); !right) return right;
  if (auto right = check_number("rounds", options.rounds, 1, rounds_max); !right) return right;
  return check_number("pins a second", options.rate, 1, rate_max);
}

/// Measures into its result.
class Rounds {
 public:
  Rounds(const WaveOptions& options, const Progress& progress, WaveStand& stand)
      : options_(options), progress_(progress), stand_(stand) {
    result_.payload_bytes = stand.payload_bytes();
  }

  /// Finds the window of the plain publisher: it is to be as fast as it can be.
  Result<void> choose_window() {
    nanoseconds fastest = nanoseconds::max();
    for (const std::uint16_t window : windows) {
      progress_.say(fmt::format("plain publisher with {} in flight", window));
      const auto time = stand_.publish_bare(window);
      if (!time) return tl::unexpected(time.error());
      if (*time < fastest) result_.window = window;
      fastest = std::min(fastest, *time);
      if (auto on = progress_.go_on(); !on) return on;
    }
    return {};
  }

  Result<void> run(std::size_t round) {
    const auto say = [&](std::string_view what) {
      progress_.say(fmt::format("round {} of {}, {}", round + 1, options_.rounds, what));
    };
    say("plain publisher");
    const auto bare = stand_.publish_bare(static_cast<std::uint16_t>(result_.window));
    if (!bare) return tl::unexpected(bare.error());
    say("fleet pin");
    const auto wave = stand_.pin_fleet();
    if (!wave) return tl::unexpected(wave.error());
    say("fleet pin with single pins");
    const auto among = stand_.pin_fleet_among(options_.rate, singles_);
    if (!among) return tl::unexpected(among.error());
    answers_.push_back(wave->answer);
    answers_.push_back(among->answer);
    result_.rounds.push_back({.bare_per_s = per_second(*bare),
                              .wave_per_s = per_second(wave->whole),
                              .ratio = per_second(wave->whole) / per_second(*bare),
                              .among_per_s = per_second(among->whole)});
    return progress_.go_on();
  }

  [[nodiscard]] WaveResult result() {
    std::vector<double> ratios;
    for (const WaveRound& round : result_.rounds) ratios.push_back(round.ratio);
    result_.ratio = median(std::move(ratios));
    result_.answer = summarise(answers_);
    result_.singles = summarise(singles_);
    return std::move(result_);
  }

 private:
  [[nodiscard]] double per_second(nanoseconds time) const {
    return static_cast<double>(options_.devices) / std::chrono::duration<double>(time).count();
  }

  const WaveOptions& options_;
  const Progress& progress_;
  WaveStand& stand_;
  WaveResult result_;
  std::vector<nanoseconds> answers_;
  std::vector<nanoseconds> singles_;
};

}  // namespace

Result<WaveResult> run_wave(const WaveOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say("starting a broker and a server");
  const auto stand = WaveStand::make(options.program, scratch->path(), options.devices, progress);
  if (!stand) return tl::unexpected(stand.error());
  Rounds rounds(options, progress, **stand);
  if (auto chosen = rounds.choose_window(); !chosen) return tl::unexpected(chosen.error());
  for (std::size_t round = 0; round < options.rounds; ++round) {
    if (auto done = rounds.run(round); !done) return tl::unexpected(done.error());
  }
  return rounds.result();
}

}  // namespace muster::bench
