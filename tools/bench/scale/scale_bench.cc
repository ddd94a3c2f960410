#include "tools/bench/scale/scale_bench.h"

#include <fmt/format.h>

#include <functional>
#include <utility>

#include "tools/bench/scale/scale_stand.h"
#include "tools/bench/support/scratch_folder.h"

namespace muster::bench {
namespace {

using Times = std::vector<std::chrono::nanoseconds>;

constexpr std::size_t devices_max = 2'000'000;
constexpr std::size_t pins_max = 100'000;
constexpr std::size_t fleet_pins_max = 1'000;
constexpr std::size_t warm_up_pins = 50;
constexpr std::size_t lists = 50;
constexpr const char* first_page = "/v1/devices?limit=100";

Result<void> check(const ScaleOptions& options) {
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::invalid_input, std::move(why));
  };
  if (options.devices.empty()) return refuse("name a number of devices at least");
  for (const std::size_t devices : options.devices) {
    if (devices < 1 || devices > devices_max) {
      return refuse(fmt::format("{} devices: from 1 to {}", devices, devices_max));
    }
  }
  if (options.pins < 1 || options.pins > pins_max) {
    return refuse(fmt::format("{} pins: from 1 to {}", options.pins, pins_max));
  }
  if (options.fleet_pins < 1 || options.fleet_pins > fleet_pins_max) {
    return refuse(fmt::format("{} fleet pins: from 1 to {}", options.fleet_pins, fleet_pins_max));
  }
  return {};
}

/// `count` times, one after the other.
Result<LatencySummary> repeat(std::size_t count,
                              const std::function<Result<std::chrono::nanoseconds>()>& once) {
  Times times;
  for (std::size_t i = 0; i < count; ++i) {
    const auto took = once();
    if (!took) return tl::unexpected(took.error());
    times.push_back(*took);
  }
  return summarise(std::move(times));
}

/// What is measured while the server runs and the broker has all targets. Fleet pins come last:
/// after them the bridge is busy with the fleet's devices.
Result<void> measure_requests(ScaleStand& stand, const ScaleOptions& options, ScaleRow& row) {
  const auto pin = [&stand] { return stand.pin_device(); };
  const auto keep = [](LatencySummary& kept) {
    return [&kept](const LatencySummary& measured) { kept = measured; };
  };
  return repeat(warm_up_pins, pin)
      .and_then([&](const LatencySummary&) { return repeat(options.pins, pin); })
      .map(keep(row.pin))
      .and_then([&] { return repeat(lists, [&stand] { return stand.read(first_page); }); })
      .map(keep(row.list))
      .and_then([&] { return repeat(options.fleet_pins, [&stand] { return stand.pin_fleet(); }); })
      .map(keep(row.fleet_pin));
}

Result<ScaleRow> measure(const ScaleOptions& options, std::size_t devices,
                         const Progress& progress) {
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  const auto stand = ScaleStand::make(options.program, scratch->path(), devices, progress);
  if (!stand) return tl::unexpected(stand.error());
  ScaleRow row{.devices = devices};
  progress.say(fmt::format("starting a server with {} devices", devices));
  const auto started = (*stand)->start();
  if (!started) return tl::unexpected(started.error());
  row.start = *started;
  if (auto settled = (*stand)->settle(progress); !settled) return tl::unexpected(settled.error());
  progress.say("requests, one after the other");
  const auto measured = measure_requests(**stand, options, row);
  if (!measured) return tl::unexpected(measured.error());
  row.resident_bytes = (*stand)->resident_bytes();
  progress.say("kill -9 under load, and the next start");
  if (auto killed = (*stand)->kill_under_load(); !killed) return tl::unexpected(killed.error());
  const auto again = (*stand)->start();
  if (!again) return tl::unexpected(again.error());
  row.start_killed = *again;
  return row;
}

}  // namespace

Result<std::vector<ScaleRow>> run_scale(const ScaleOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  std::vector<ScaleRow> rows;
  for (const std::size_t devices : options.devices) {
    auto row = measure(options, devices, progress);
    if (!row) return tl::unexpected(row.error());
    rows.push_back(*row);
  }
  return rows;
}

}  // namespace muster::bench
