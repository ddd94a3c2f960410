#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/lists/lists_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double first_page_p50_us_max = 100'000;

Json lists_json(const bench::ListsOptions& options, const bench::ListsResult& result) {
  Json lists = Json::array();
  for (const bench::ListRow& row : result.lists) {
    lists.push_back(Json{
        {"list", row.query}, {"devices", row.total}, {"first_page_us", latency_json(row.latency)}});
  }
  return Json{{"benchmark", "lists"},
              {"devices", result.devices},
              {"requests", options.requests},
              {"filling_us", micros(result.filling)},
              {"wanted", {{"first_page_p50_us", first_page_p50_us_max}}},
              {"results", std::move(lists)}};
}

std::string lists_text(const bench::ListsResult& result) {
  Table table({"first page of", "devices", "p50 ms", "p99 ms", "max ms", "verdict"});
  for (const bench::ListRow& row : result.lists) {
    table.add({row.query, fmt::to_string(row.total), millis(micros(row.latency.p50)),
               millis(micros(row.latency.p99)), millis(micros(row.latency.max)),
               verdict(micros(row.latency.p50) < first_page_p50_us_max)});
  }
  return fmt::format("{} devices, made in {} s (wanted: p50 of each list below {} ms)\n\n{}",
                     result.devices, whole(micros(result.filling) / 1e6),
                     whole(first_page_p50_us_max / 1e3), table.text());
}

Outcome run(Session& session, const bench::ListsOptions& options) {
  auto settings = options;
  if (settings.program.empty()) settings.program = this_program();
  return run_benchmark(session, settings, bench::run_lists, lists_json, lists_text);
}

}  // namespace

void add_bench_lists(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(group, invocation,
                           {"lists", "The first page of filtered lists over HTTP, of many devices",
                            "bench lists\nbench lists --dir /mnt/nvme --devices 100000 --json"});
  const auto options = std::make_shared<bench::ListsOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--devices", options->devices, "Devices registered [default: 1000000]")
      ->option_text("N");
  command.add_option("--requests", options->requests, "For each list [default: 20]")
      ->option_text("N");
  command.add_option("--server", options->program, "The program to measure [default: this one]")
      ->option_text("FILE");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
