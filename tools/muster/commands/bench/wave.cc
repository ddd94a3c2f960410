#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "tools/bench/wave/wave_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double ratio_wanted = 0.8;
constexpr double fleet_pin_p50_us_max = 5'000;
constexpr double single_p99_us_max = 20'000;

Json wave_json(const bench::WaveOptions& options, const bench::WaveResult& result) {
  Json rounds = Json::array();
  for (const bench::WaveRound& round : result.rounds) {
    rounds.push_back(Json{{"bare_per_s", round.bare_per_s},
                          {"wave_per_s", round.wave_per_s},
                          {"ratio", round.ratio},
                          {"among_per_s", round.among_per_s}});
  }
  return Json{{"benchmark", "wave"},
              {"devices", options.devices},
              {"rate_per_s", options.rate},
              {"payload_bytes", result.payload_bytes},
              {"window", result.window},
              {"rounds", std::move(rounds)},
              {"ratio", result.ratio},
              {"answer_us", latency_json(result.answer)},
              {"singles_us", latency_json(result.singles)},
              {"wanted",
               {{"ratio", ratio_wanted},
                {"answer_p50_us", fleet_pin_p50_us_max},
                {"singles_p99_us", single_p99_us_max}}}};
}

std::string wave_text(const bench::WaveResult& result) {
  Table rates({"round", "bare/s", "wave/s", "ratio", "wave/s with single pins"});
  for (std::size_t i = 0; i < result.rounds.size(); ++i) {
    const bench::WaveRound& round = result.rounds[i];
    rates.add({fmt::to_string(i + 1), whole(round.bare_per_s), whole(round.wave_per_s),
               fmt::format("{:.2f}", round.ratio), whole(round.among_per_s)});
  }
  Table targets({"wanted", "limit", "measured", "verdict"});
  targets.add({"ratio, median", fmt::format(">= {}", ratio_wanted),
               fmt::format("{:.2f}", result.ratio), verdict(result.ratio >= ratio_wanted)});
  const auto want = [&targets](const std::string& what, double most_us, double us) {
    targets.add({what, fmt::format("< {} ms", millis(most_us)), fmt::format("{} ms", millis(us)),
                 verdict(us < most_us)});
  };
  want("fleet pin to its answer, p50", fleet_pin_p50_us_max, micros(result.answer.p50));
  want("single pin in a wave to the device, p99", single_p99_us_max, micros(result.singles.p99));
  return fmt::format(
      "Targets of a fleet renewed at the broker, against a plain publisher of messages of {} bytes"
      "\nwith {} in flight; {} single pins in the waves\n\n{}\n{}",
      result.payload_bytes, result.window, result.singles.count, rates.text(), targets.text());
}

Outcome run(Session& session, const bench::WaveOptions& options) {
  configure_logging(Severity::warn);
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_wave, wave_json, wave_text);
}

}  // namespace

void add_bench_wave(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(
      group, invocation,
      {"wave", "From a fleet pin to every device's target at the broker, against Paho alone",
       "bench wave\nbench wave --devices 100000 --rounds 3 --json"});
  const auto options = std::make_shared<bench::WaveOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--devices", options->devices, "Devices of the fleet [default: 10000]")
      ->option_text("N");
  command.add_option("--rounds", options->rounds, "Plain and Muster in turns [default: 3]")
      ->option_text("N");
  command.add_option("--rate", options->rate, "Single pins in a second [default: 50]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
