#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/past/past_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

Json past_json(const bench::PastOptions& options, const bench::PastResult& result) {
  Json rows = Json::array();
  for (const bench::PastRow& row : result.rows) {
    rows.push_back(Json{{"question", row.question},
                        {"wanted_p50_us", row.wanted ? Json(micros(*row.wanted)) : Json(nullptr)},
                        {"answer_us", latency_json(row.latency)}});
  }
  return Json{{"benchmark", "past"},
              {"devices", options.devices},
              {"events", result.events},
              {"filling_us", micros(result.filling)},
              {"results", std::move(rows)}};
}

std::string past_text(const bench::PastResult& result) {
  Table table({"question", "p50 ms", "p99 ms", "max ms", "wanted p50", "verdict"});
  for (const bench::PastRow& row : result.rows) {
    const bool met = row.wanted && row.latency.p50 < *row.wanted;
    table.add({row.question, millis(micros(row.latency.p50)), millis(micros(row.latency.p99)),
               millis(micros(row.latency.max)), row.wanted ? millis(micros(*row.wanted)) : "",
               row.wanted ? verdict(met) : ""});
  }
  return fmt::format("{} events, made in {} s\n\n{}", result.events,
                     whole(micros(result.filling) / 1e6), table.text());
}

Outcome run(Session& session, const bench::PastOptions& options) {
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_past, past_json, past_text);
}

}  // namespace

void add_bench_past(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(group, invocation,
                           {"past", "Why, as-of, history and diff over HTTP, among many events",
                            "bench past\nbench past --dir /mnt/nvme --events 1000000 --json"});
  const auto options = std::make_shared<bench::PastOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--devices", options->devices, "Devices in one fleet [default: 10000]")
      ->option_text("N");
  command.add_option("--events", options->events, "Events in all [default: 10000000]")
      ->option_text("N");
  command
      .add_option("--back", options->back,
                  "So many events back the fleet is looked at [default: 1000000]")
      ->option_text("N");
  command.add_option("--requests", options->requests, "Of each kind [default: 100]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
