#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/bench/append/append_bench.h"
#include "tools/muster/commands/bench/benchmarks.h"
#include "tools/muster/commands/bench/telling.h"
#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

using bench::AppendRow;

constexpr double ratio_wanted = 0.5;
constexpr double tree_share_wanted = 0.15;  // At most.

Json cost_json(const bench::AppendCost& cost) {
  return Json{{"deciding", cost.deciding},
              {"encoding", cost.encoding},
              {"appending", cost.appending},
              {"answering", cost.answering},
              {"other", cost.other}};
}

Json append_json(const bench::AppendOptions& options, const std::vector<AppendRow>& rows) {
  Json list = Json::array();
  for (const AppendRow& row : rows) {
    list.push_back(Json{{"batch_size", row.batch_size},
                        {"batch_mean", row.batch_mean},
                        {"record_bytes", row.record_bytes},
                        {"engine_per_s", row.engine_per_s},
                        {"raw_per_s", row.raw_per_s},
                        {"ratio", row.ratio},
                        {"ratio_min", row.ratio_min},
                        {"ratio_max", row.ratio_max},
                        {"folded_per_s", row.folded_per_s},
                        {"tree_us_per_event", row.tree_us},
                        {"tree_share", row.tree_share},
                        {"cost_us_per_event", cost_json(row.cost_us)},
                        {"sync_us", latency_json(row.sync)}});
  }
  return Json{{"benchmark", "append"},
              {"rounds", options.rounds},
              {"batches_per_round", options.batches},
              {"devices", options.devices},
              {"idempotency_keys", options.keys},
              {"ratio_wanted", ratio_wanted},
              {"tree_share_wanted", tree_share_wanted},
              {"results", std::move(list)}};
}

std::string append_text(const std::vector<AppendRow>& rows) {
  Table rates({"batch", "engine/s", "raw/s", "ratio", "lowest", "highest", "folded/s",
               "sync p50 ms", "sync p99 ms"});
  Table costs({"batch", "deciding", "encoding", "appending", "answering", "other", "bytes",
               "events in a batch", "tree", "tree's share"});
  for (const AppendRow& row : rows) {
    const std::string batch = fmt::to_string(row.batch_size);
    rates.add({batch, whole(row.engine_per_s), whole(row.raw_per_s),
               fmt::format("{:.2f}", row.ratio), fmt::format("{:.2f}", row.ratio_min),
               fmt::format("{:.2f}", row.ratio_max), whole(row.folded_per_s),
               millis(micros(row.sync.p50)), millis(micros(row.sync.p99))});
    const auto cell = [](double micros) { return fmt::format("{:.2f}", micros); };
    const bench::AppendCost& cost = row.cost_us;
    costs.add({batch, cell(cost.deciding), cell(cost.encoding), cell(cost.appending),
               cell(cost.answering), cell(cost.other), whole(row.record_bytes),
               fmt::format("{:.1f}", row.batch_mean), cell(row.tree_us),
               fmt::format("{:.1f}%", row.tree_share * 100)});
  }
  return fmt::format(
      "Durable pins through the engine, against the same records put into RocksDB as they are\n"
      "(wanted: a ratio of {} at least)\n\n{}\nWhere the writer's time goes, in us for one event, "
      "and "
      "what of it is the Merkle tree's\n(wanted: {:.0f}% at most)\n\n{}",
      ratio_wanted, rates.text(), tree_share_wanted * 100, costs.text());
}

Outcome run(Session& session, const bench::AppendOptions& options) {
  return run_benchmark(session, options, bench::run_append, append_json, append_text);
}

}  // namespace

void add_bench_append(CLI::App& group, Invocation& invocation) {
  auto& command =
      add_read(group, invocation,
               {"append", "Durable pins through the engine, against RocksDB alone",
                "bench append\nbench append --dir /mnt/nvme --batch 1 20 200 --rounds 9 --json"});
  const auto options = std::make_shared<bench::AppendOptions>();
  command.add_option("--dir", options->folder, "On the disk to measure [default: /tmp]")
      ->option_text("DIR");
  command.add_option("--batch", options->batch_sizes, "Events in a batch [default: 1 20 200]")
      ->option_text("N...");
  command.add_option("--batches", options->batches, "Batches in a round [default: 300]")
      ->option_text("N");
  command.add_option("--rounds", options->rounds, "Engine and RocksDB in turns [default: 5]")
      ->option_text("N");
  command.add_option("--devices", options->devices, "Devices to pin in turn [default: 10000]")
      ->option_text("N");
  command.add_flag("--idempotency-keys", options->keys, "Each pin has a key, as from the CLI");
  runs(command, invocation, options, run);
}

}  // namespace muster::cli
