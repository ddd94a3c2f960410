#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "tools/bench/actions/actions_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double online_p50_us_max = 5'000;
constexpr double returning_max_us_max = 1'000'000;
constexpr double answer_max_us_max = 200'000;
constexpr double pins_p99_us_max = 20'000;

Json actions_json(const bench::ActionsOptions& options, const bench::ActionsResult& result) {
  return Json{{"benchmark", "actions"},
              {"devices", options.devices},
              {"rate_per_s", options.rate},
              {"online_us", latency_json(result.online)},
              {"returning_us", latency_json(result.returning)},
              {"answer_us", latency_json(result.answer)},
              {"pins_us", latency_json(result.pins)},
              {"over_per_s", result.over_per_s},
              {"wanted",
               {{"online_p50_us", online_p50_us_max},
                {"returning_max_us", returning_max_us_max},
                {"answer_max_us", answer_max_us_max},
                {"pins_p99_us", pins_p99_us_max}}}};
}

std::string actions_text(const bench::ActionsResult& result) {
  Table table({"wanted", "limit ms", "p50 ms", "p99 ms", "max ms", "count", "verdict"});
  const auto want = [&table](const std::string& what, double most_us,
                             const bench::LatencySummary& times, std::chrono::nanoseconds time) {
    table.add({what, millis(most_us), millis(micros(times.p50)), millis(micros(times.p99)),
               millis(micros(times.max)), fmt::to_string(times.count),
               verdict(micros(time) < most_us)});
  };
  want("action to a device online, p50", online_p50_us_max, result.online, result.online.p50);
  want("birth to the action that waited, max", returning_max_us_max, result.returning,
       result.returning.max);
  want("action of a fleet to its answer, max", answer_max_us_max, result.answer, result.answer.max);
  want("single pin to its device meanwhile, p99", pins_p99_us_max, result.pins, result.pins.p99);
  std::vector<std::string> rates;
  for (const double rate : result.over_per_s) rates.push_back(whole(rate));
  return fmt::format("{}\nDevices in a second until the fleet's action is over on all: {}\n",
                     table.text(), fmt::join(rates, ", "));
}

Outcome run(Session& session, const bench::ActionsOptions& options) {
  configure_logging(Severity::warn);
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_actions, actions_json, actions_text);
}

}  // namespace

void add_bench_actions(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(
      group, invocation,
      {"actions", "Actions of single devices and of a whole fleet, until devices have them",
       "bench actions\nbench actions --devices 100000 --rounds 3 --json"});
  const auto options = std::make_shared<bench::ActionsOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--devices", options->devices, "Devices, all online [default: 10000]")
      ->option_text("N");
  command.add_option("--actions", options->actions, "Actions of single devices [default: 200]")
      ->option_text("N");
  command.add_option("--rounds", options->rounds, "Restarts of the fleet [default: 3]")
      ->option_text("N");
  command
      .add_option("--rate", options->rate,
                  "Single actions in a second, and single pins meanwhile [default: 50]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
