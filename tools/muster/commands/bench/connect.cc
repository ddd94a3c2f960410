#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "tools/bench/connect/connect_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double first_per_s_min = 3'000;
constexpr double known_to_plain_min = 0.8;

Json connect_json(const bench::ConnectOptions& options, const bench::ConnectResult& result) {
  return Json{
      {"benchmark", "connect"},
      {"rounds", options.rounds},
      {"devices", options.devices},
      {"at_once", options.at_once},
      {"first_per_s", result.first_per_s},
      {"known_per_s", result.known_per_s},
      {"plain_per_s", result.plain_per_s},
      {"known_to_plain", result.ratio},
      {"known_to_plain_min", result.ratio_min},
      {"known_to_plain_max", result.ratio_max},
      {"wanted", {{"first_per_s", first_per_s_min}, {"known_to_plain", known_to_plain_min}}}};
}

std::string connect_text(const bench::ConnectResult& result) {
  Table rates({"connects", "per second"});
  rates.add({"first, each signature checked", whole(result.first_per_s)});
  rates.add({"known devices again", whole(result.known_per_s)});
  rates.add({"mosquitto without the plugin", whole(result.plain_per_s)});
  Table wanted({"wanted", "at least", "measured", "verdict"});
  wanted.add({"first connects per second", whole(first_per_s_min), whole(result.first_per_s),
              verdict(result.first_per_s >= first_per_s_min)});
  wanted.add(
      {"known, to those without the plugin", fmt::format("{:.2f}", known_to_plain_min),
       fmt::format("{:.2f} ({:.2f} to {:.2f})", result.ratio, result.ratio_min, result.ratio_max),
       verdict(result.ratio >= known_to_plain_min)});
  return fmt::format("{}\n{}", rates.text(), wanted.text());
}

Outcome run(Session& session, const bench::ConnectOptions& options) {
  configure_logging(Severity::warn);
  return run_benchmark(session, options, bench::run_connect, connect_json, connect_text);
}

}  // namespace

void add_bench_connect(CLI::App& group, Invocation& invocation) {
  auto& command =
      add_read(group, invocation,
               {"connect", "Storms of connecting devices, against a broker that checks nothing",
                "bench connect\nbench connect --devices 10000 --rounds 9 --json"});
  const auto options = std::make_shared<bench::ConnectOptions>();
  command.add_option("--dir", options->folder, "For the brokers' files [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--devices", options->devices, "Devices in a storm [default: 5000]")
      ->option_text("N");
  command.add_option("--at-once", options->at_once, "Connects under way at a time [default: 100]")
      ->option_text("N");
  command
      .add_option("--rounds", options->rounds, "First, known and unchecked in turns [default: 5]")
      ->option_text("N");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
