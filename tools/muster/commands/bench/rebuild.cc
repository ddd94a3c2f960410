#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/rebuild/rebuild_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double pin_p99_wanted_us = 20'000;

Json rebuild_json(const bench::RebuildBenchOptions& options,
                  const bench::RebuildBenchResult& result) {
  Json rows = Json::array();
  for (const auto& row : result.rows) {
    rows.push_back(Json{{"projection", row.projection},
                        {"rows", row.rows},
                        {"folded_per_s", row.folded_per_s},
                        {"rebuilt_per_s", row.rebuilt_per_s},
                        {"ratio", row.ratio},
                        {"ratio_wanted", row.ratio_wanted}});
  }
  return Json{{"benchmark", "rebuild"},
              {"events", result.events},
              {"rounds", options.rounds},
              {"threads", result.threads},
              {"raw_per_s", result.raw_per_s},
              {"results", std::move(rows)},
              {"online_s", result.online_s},
              {"pin_quiet_us", latency_json(result.quiet)},
              {"pin_us", latency_json(result.rebuilding)},
              {"pin_p99_wanted_us", pin_p99_wanted_us}};
}

std::string rebuild_text(const bench::RebuildBenchResult& result) {
  Table table({"projection", "events", "rows", "threads", "raw scan/s", "folded/s", "rebuilt/s",
               "ratio", "wanted", "verdict"});
  for (const auto& row : result.rows) {
    table.add({row.projection, fmt::to_string(result.events), fmt::to_string(row.rows),
               fmt::to_string(result.threads), whole(result.raw_per_s), whole(row.folded_per_s),
               whole(row.rebuilt_per_s), fmt::format("{:.2f}", row.ratio),
               fmt::format("{:.2f}", row.ratio_wanted), verdict(row.ratio >= row.ratio_wanted)});
  }
  const double p99 = micros(result.rebuilding.p99);
  return fmt::format(
      "Projections folded anew, compared and switched, against a scan of the same log by "
      "RocksDB\n\n"
      "{}\nA server rebuilt all in {:.1f} s; a pin took {} ms (p99) meanwhile, {} ms before "
      "(wanted: < {} ms): {}\n",
      table.text(), result.online_s, millis(p99), millis(micros(result.quiet.p99)),
      whole(pin_p99_wanted_us / 1'000), verdict(p99 < pin_p99_wanted_us));
}

Outcome run(Session& session, const bench::RebuildBenchOptions& options) {
  return run_benchmark(session, options, bench::run_rebuild, rebuild_json, rebuild_text);
}

}  // namespace

void add_bench_rebuild(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(group, invocation,
                           {"rebuild", "Projections rebuilt, against a bare scan of the log",
                            "bench rebuild\nbench rebuild --events 10000000 --rounds 1 --json"});
  const auto options = std::make_shared<bench::RebuildBenchOptions>();
  options->program = this_program();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--devices", options->devices, "In one fleet [default: 10000]")
      ->option_text("N");
  command.add_option("--events", options->events, "In the log [default: 300000]")->option_text("N");
  command.add_option("--rounds", options->rounds, "Each in turns [default: 3]")->option_text("N");
  command.add_option("--threads", options->threads, "[default: one a processor]")->option_text("N");
  command.add_option("--rate", options->rate, "Pins a second meanwhile [default: 50]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
