#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "tools/bench/verify/verify_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

constexpr double ratio_wanted = 0.6;

Json source_json(const bench::VerifiedSource& source) {
  return Json{{"source", source.name},
              {"tree_per_s", source.tree_per_s},
              {"replay_per_s", source.replay_per_s},
              {"ratio", source.ratio},
              {"ratio_min", source.ratio_min},
              {"ratio_max", source.ratio_max},
              {"ratio_wanted", ratio_wanted}};
}

Json verify_json(const bench::VerifyBenchOptions& options, const bench::VerifyBenchResult& result) {
  Json sources = Json::array();
  for (const auto& source : result.sources) sources.push_back(source_json(source));
  return Json{{"benchmark", "verify"},
              {"events", result.events},
              {"rounds", options.rounds},
              {"threads", result.threads},
              {"record_bytes", result.record_bytes},
              {"bare_per_s", result.bare_per_s},
              {"results", std::move(sources)}};
}

std::string verify_text(const bench::VerifyBenchResult& result) {
  Table table({"source", "hashes alone/s", "tree/s", "ratio", "lowest", "highest", "verdict",
               "with replay/s"});
  for (const auto& source : result.sources) {
    table.add({source.name, whole(result.bare_per_s), whole(source.tree_per_s),
               fmt::format("{:.2f}", source.ratio), fmt::format("{:.2f}", source.ratio_min),
               fmt::format("{:.2f}", source.ratio_max), verdict(source.ratio >= ratio_wanted),
               whole(source.replay_per_s)});
  }
  return fmt::format(
      "`muster audit verify` of {} events of {} bytes on {} threads, against the same hashes of\n"
      "records in memory (wanted: the tree at a ratio of {} at least)\n\n{}",
      result.events, whole(result.record_bytes), result.threads, ratio_wanted, table.text());
}

Outcome run(Session& session, const bench::VerifyBenchOptions& options) {
  configure_logging(Severity::warn);
  return run_benchmark(session, options, bench::run_verify, verify_json, verify_text);
}

}  // namespace

void add_bench_verify(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(group, invocation,
                           {"verify", "The audit of a log, against the bare hashes of its tree",
                            "bench verify\nbench verify --events 1000000 --rounds 9 --json"});
  const auto options = std::make_shared<bench::VerifyBenchOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--events", options->events, "In the log [default: 300000]")->option_text("N");
  command.add_option("--rounds", options->rounds, "Each in turns [default: 5]")->option_text("N");
  command.add_option("--threads", options->threads, "[default: one a processor]")->option_text("N");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
