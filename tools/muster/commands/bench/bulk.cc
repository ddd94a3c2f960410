#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/bulk/bulk_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double per_s_wanted = 25'000;

Json bulk_json(const bench::BulkOptions& options, const bench::BulkResult& result) {
  return Json{{"benchmark", "bulk"},
              {"rounds", options.rounds},
              {"pins_per_round", options.pins},
              {"devices", options.devices},
              {"idempotency_keys", options.keys},
              {"http_per_s", result.http_per_s},
              {"http_per_s_min", result.http_per_s_min},
              {"engine_per_s", result.engine_per_s},
              {"ratio", result.ratio},
              {"ratio_min", result.ratio_min},
              {"ratio_max", result.ratio_max},
              {"http_per_s_wanted", per_s_wanted}};
}

std::string bulk_text(const bench::BulkResult& result) {
  Table rates({"HTTP/s", "lowest", "engine/s", "ratio", "lowest", "highest"});
  rates.add({whole(result.http_per_s), whole(result.http_per_s_min), whole(result.engine_per_s),
             fmt::format("{:.2f}", result.ratio), fmt::format("{:.2f}", result.ratio_min),
             fmt::format("{:.2f}", result.ratio_max)});
  return fmt::format(
      "Durable pins in bulk over HTTP, against the engine alone\n(wanted: {} a second at least: "
      "{})\n\n{}",
      whole(per_s_wanted), verdict(result.http_per_s >= per_s_wanted), rates.text());
}

Outcome run(Session& session, const bench::BulkOptions& options) {
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_bulk, bulk_json, bulk_text);
}

}  // namespace

void add_bench_bulk(CLI::App& group, Invocation& invocation) {
  auto& command =
      add_read(group, invocation,
               {"bulk", "Durable pins in bulk over HTTP, against the engine alone",
                "bench bulk\nbench bulk --dir /mnt/nvme --pins 400000 --rounds 9 --json"});
  const auto options = std::make_shared<bench::BulkOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--pins", options->pins, "Pins in a round [default: 100000]")
      ->option_text("N");
  command.add_option("--rounds", options->rounds, "HTTP and the engine in turns [default: 5]")
      ->option_text("N");
  command.add_option("--devices", options->devices, "Devices to pin in turn [default: 10000]")
      ->option_text("N");
  command.add_flag("--idempotency-keys", options->keys, "Each pin has a key, as from `apply`");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
