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

Json verify_json(const bench::VerifyBenchOptions& options, const bench::VerifyBenchResult& result) {
  return Json{{"benchmark", "verify"},
              {"events", result.events},
              {"rounds", options.rounds},
              {"threads", result.threads},
              {"record_bytes", result.record_bytes},
              {"bare_per_s", result.bare_per_s},
              {"tree_per_s", result.tree_per_s},
              {"replay_per_s", result.replay_per_s},
              {"ratio", result.ratio},
              {"ratio_min", result.ratio_min},
              {"ratio_max", result.ratio_max},
              {"ratio_wanted", ratio_wanted}};
}

std::string verify_text(const bench::VerifyBenchResult& result) {
  Table table({"events", "bytes", "threads", "hashes alone/s", "tree/s", "ratio", "lowest",
               "highest", "verdict", "with replay/s"});
  table.add({fmt::to_string(result.events), whole(result.record_bytes),
             fmt::to_string(result.threads), whole(result.bare_per_s), whole(result.tree_per_s),
             fmt::format("{:.2f}", result.ratio), fmt::format("{:.2f}", result.ratio_min),
             fmt::format("{:.2f}", result.ratio_max), verdict(result.ratio >= ratio_wanted),
             whole(result.replay_per_s)});
  return fmt::format(
      "`muster audit verify` of a data folder, against the same hashes of records in memory\n"
      "(wanted: the tree at a ratio of {} at least)\n\n{}",
      ratio_wanted, table.text());
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
