#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/scale/scale_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

using bench::ScaleRow;

constexpr double mebibyte = 1024.0 * 1024.0;
constexpr double resident_mib_max = 1024;
constexpr double start_us_max = 5e6;
constexpr double ratio_max = 1.3;
constexpr double list_us_max = 100e3;

double mebibytes(const ScaleRow& row) { return static_cast<double>(row.resident_bytes) / mebibyte; }

Json scale_json(const bench::ScaleOptions& options, const std::vector<ScaleRow>& rows) {
  Json list = Json::array();
  for (const ScaleRow& row : rows) {
    list.push_back(Json{{"devices", row.devices},
                        {"resident_bytes", row.resident_bytes},
                        {"start_us", micros(row.start)},
                        {"start_killed_us", micros(row.start_killed)},
                        {"pin_us", latency_json(row.pin)},
                        {"fleet_pin_us", latency_json(row.fleet_pin)},
                        {"list_us", latency_json(row.list)}});
  }
  return Json{{"benchmark", "scale"},
              {"pins", options.pins},
              {"fleet_pins", options.fleet_pins},
              {"wanted",
               {{"resident_bytes", resident_mib_max * mebibyte},
                {"start_us", start_us_max},
                {"pin_ratio", ratio_max},
                {"list_us", list_us_max}}},
              {"results", std::move(list)}};
}

/// The largest beside the smallest, and what is wanted of it.
std::string verdicts(const ScaleRow& small, const ScaleRow& large) {
  Table wanted({"wanted", "at most", "measured", "verdict"});
  const auto want = [&wanted](const std::string& what, double most, double measured) {
    wanted.add({what, fmt::format("{:g}", most), fmt::format("{:.2f}", measured),
                verdict(measured <= most)});
  };
  want("resident MiB", resident_mib_max, mebibytes(large));
  want("start, ms", start_us_max / 1e3, micros(large.start) / 1e3);
  want("start after kill -9, ms", start_us_max / 1e3, micros(large.start_killed) / 1e3);
  want("first page of a list p99, ms", list_us_max / 1e3, micros(large.list.p99) / 1e3);
  want("pin p50 beside the smallest", ratio_max, micros(large.pin.p50) / micros(small.pin.p50));
  want("fleet pin p50 beside the smallest", ratio_max,
       micros(large.fleet_pin.p50) / micros(small.fleet_pin.p50));
  return wanted.text();
}

std::string scale_text(const std::vector<ScaleRow>& rows) {
  Table table({"devices", "resident MiB", "start ms", "after kill -9 ms", "pin p50 ms",
               "pin p99 ms", "fleet pin p50 ms", "fleet pin p99 ms", "list p50 ms", "list p99 ms"});
  for (const ScaleRow& row : rows) {
    table.add({fmt::to_string(row.devices), whole(mebibytes(row)), millis(micros(row.start)),
               millis(micros(row.start_killed)), millis(micros(row.pin.p50)),
               millis(micros(row.pin.p99)), millis(micros(row.fleet_pin.p50)),
               millis(micros(row.fleet_pin.p99)), millis(micros(row.list.p50)),
               millis(micros(row.list.p99))});
  }
  return fmt::format("{}\n{}", table.text(), verdicts(rows.front(), rows.back()));
}

Outcome run(Session& session, const bench::ScaleOptions& options) {
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_scale, scale_json, scale_text);
}

}  // namespace

void add_bench_scale(CLI::App& group, Invocation& invocation) {
  auto& command =
      add_read(group, invocation,
               {"scale", "Memory, start and latencies of servers with few and with many devices",
                "bench scale\nbench scale --devices 1000 100000 --dir /mnt/nvme --json"});
  const auto options = std::make_shared<bench::ScaleOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command
      .add_option("--devices", options->devices,
                  "Devices of each server in turn [default: 1000 1000000]")
      ->option_text("N...");
  command.add_option("--pins", options->pins, "Pins of single devices [default: 500]")
      ->option_text("N");
  command.add_option("--fleet-pins", options->fleet_pins, "Pins of the fleet [default: 20]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
