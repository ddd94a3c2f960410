#include "tools/bench/pin/pin_bench.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "tools/bench/pin/pin_stand.h"
#include "tools/bench/support/check_number.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/bench/support/synced_file.h"

namespace muster::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;
using Times = std::vector<nanoseconds>;

constexpr std::size_t record_bytes = 220;  // Of a pin with an idempotency key, about.
constexpr std::size_t devices_max = 500;
constexpr std::size_t pins_max = 100'000;
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t rate_max = 1'000;
constexpr std::size_t warm_up_pins = 20;

Result<void> check(const PinOptions& options) {
  if (auto right = check_number("devices", options.devices, 1, devices_max); !right) return right;
  if (auto right = check_number("pins", options.pins, 1, pins_max); !right) return right;
  if (auto right = check_number("rounds", options.rounds, 1, rounds_max); !right) return right;
  return check_number("pins a second", options.rate, 1, rate_max);
}

/// What all rounds measured.
struct Measured {
  Times sync;
  Times http;
  Times to_device;
  Times bare;
};

/// Measures into `measured`.
class Rounds {
 public:
  Rounds(const PinOptions& options, const Progress& progress, PinStand& stand, SyncedFile& file)
      : options_(options), progress_(progress), stand_(stand), file_(file) {}

  /// Not measured: the first requests of a process.
  Result<void> warm_up() {
    for (std::size_t i = 0; i < warm_up_pins; ++i) {
      const auto sent = stand_.pin();
      if (!sent) return tl::unexpected(sent.error());
    }
    return {};
  }

  Result<void> run(std::size_t round) {
    const auto say = [&](std::string_view what) {
      progress_.say(fmt::format("round {} of {}, {}", round + 1, options_.rounds, what));
    };
    say("HTTP and bare syncs, one after the other");
    if (auto done = run_http(); !done) return done;
    say("HTTP to device");
    if (auto done = run_paced(measured_.to_device, [this] { return stand_.pin(); }); !done) {
      return done;
    }
    say("bare publish to device");
    return run_paced(measured_.bare,
                     [this] { return stand_.write_and_publish(file_, record_bytes); });
  }

  [[nodiscard]] PinResult result() const {
    return PinResult{.sync = summarise(measured_.sync),
                     .http = summarise(measured_.http),
                     .to_device = summarise(measured_.to_device),
                     .bare = summarise(measured_.bare)};
  }

 private:
  /// Disks have moods: so each pin is beside a bare sync.
  Result<void> run_http() {
    for (std::size_t i = 0; i < options_.pins; ++i) {
      const auto sync = file_.write(record_bytes);
      if (!sync) return tl::unexpected(sync.error());
      measured_.sync.push_back(*sync);
      const auto sent = stand_.pin();
      if (!sent) return tl::unexpected(sent.error());
      measured_.http.push_back(steady_clock::now() - sent->at);
      if (auto on = progress_.go_on(); !on) return on;
    }
    return {};
  }

  Result<void> run_paced(Times& times, const std::function<Result<Sent>()>& send) {
    const nanoseconds interval = std::chrono::nanoseconds{std::chrono::seconds{1}} / options_.rate;
    std::vector<Sent> all;
    auto due = steady_clock::now();
    for (std::size_t i = 0; i < options_.pins; ++i, due += interval) {
      std::this_thread::sleep_until(due);
      const bool late = steady_clock::now() > due + interval;
      auto sent = send();
      if (!sent) return tl::unexpected(sent.error());
      if (late) sent->at = due;
      all.push_back(*sent);
      if (auto on = progress_.go_on(); !on) return on;
    }
    const auto came = stand_.await(all);
    if (!came) return tl::unexpected(came.error());
    for (std::size_t i = 0; i < all.size(); ++i) times.push_back((*came)[i] - all[i].at);
    return {};
  }

  const PinOptions& options_;
  const Progress& progress_;
  PinStand& stand_;
  SyncedFile& file_;
  Measured measured_;
};

}  // namespace

Result<PinResult> run_pin(const PinOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say("starting a server");
  auto file = SyncedFile::create(scratch->path() / "bare");
  if (!file) return tl::unexpected(file.error());
  const auto stand = PinStand::make(options.program, scratch->path(), options.devices);
  if (!stand) return tl::unexpected(stand.error());
  Rounds rounds(options, progress, **stand, *file);
  if (auto warm = rounds.warm_up(); !warm) return tl::unexpected(warm.error());
  for (std::size_t round = 0; round < options.rounds; ++round) {
    if (auto done = rounds.run(round); !done) return tl::unexpected(done.error());
  }
  return rounds.result();
}

}  // namespace muster::bench
