#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/pin/pin_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

using bench::LatencySummary;

constexpr double http_beyond_sync_us_max = 1'000;
constexpr double to_device_p50_us_max = 3'000;
constexpr double to_device_p99_us_max = 20'000;

/// What the server adds to the disk, for one client in the middle of the cases.
double http_beyond_sync_us(const bench::PinResult& result) {
  return micros(result.http.p50) - micros(result.sync.p50);
}

Json pin_json(const bench::PinOptions& options, const bench::PinResult& result) {
  return Json{{"benchmark", "pin"},
              {"rounds", options.rounds},
              {"pins_per_round", options.pins},
              {"devices", options.devices},
              {"rate_per_s", options.rate},
              {"sync_us", latency_json(result.sync)},
              {"http_us", latency_json(result.http)},
              {"http_beyond_sync_p50_us", http_beyond_sync_us(result)},
              {"to_device_us", latency_json(result.to_device)},
              {"bare_us", latency_json(result.bare)},
              {"wanted",
               {{"http_beyond_sync_p50_us", http_beyond_sync_us_max},
                {"to_device_p50_us", to_device_p50_us_max},
                {"to_device_p99_us", to_device_p99_us_max}}}};
}

std::string pin_text(const bench::PinResult& result) {
  Table times({"what", "times", "p50 ms", "p99 ms", "max ms"});
  const auto add = [&times](const std::string& what, const LatencySummary& latency) {
    times.add({what, fmt::to_string(latency.count), millis(micros(latency.p50)),
               millis(micros(latency.p99)), millis(micros(latency.max))});
  };
  add("bare write and sync", result.sync);
  add("HTTP pin, to its answer", result.http);
  add("HTTP pin, to the device", result.to_device);
  add("bare sync and publish, to the device", result.bare);
  Table targets({"wanted", "at most ms", "measured ms", "verdict"});
  const auto want = [&targets](const std::string& what, double most_us, double us) {
    targets.add({what, millis(most_us), millis(us), verdict(us < most_us)});
  };
  want("HTTP pin beyond the sync, p50", http_beyond_sync_us_max, http_beyond_sync_us(result));
  want("HTTP pin to the device, p50", to_device_p50_us_max, micros(result.to_device.p50));
  want("HTTP pin to the device, p99", to_device_p99_us_max, micros(result.to_device.p99));
  return fmt::format("{}\n{}", times.text(), targets.text());
}

Outcome run(Session& session, const bench::PinOptions& options) {
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_pin, pin_json, pin_text);
}

}  // namespace

void add_bench_pin(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(
      group, invocation,
      {"pin", "From a pin over HTTP to a device that has it, against disk and broker alone",
       "bench pin\nbench pin --dir /mnt/nvme --rate 100 --pins 1000 --json"});
  const auto options = std::make_shared<bench::PinOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--pins", options->pins, "Pins in a round [default: 200]")->option_text("N");
  command.add_option("--rounds", options->rounds, "Muster and bare in turns [default: 3]")
      ->option_text("N");
  command.add_option("--rate", options->rate, "Pins in a second, to the devices [default: 50]")
      ->option_text("N");
  command.add_option("--devices", options->devices, "Devices to pin in turn [default: 10]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
