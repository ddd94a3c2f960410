#include "tools/muster/commands/bench_report.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tools/muster/output/table.h"

namespace muster::cli {
namespace {

using bench::AppendRow;
using bench::LatencySummary;
using std::chrono::nanoseconds;

constexpr double ratio_wanted = 0.5;
constexpr double http_beyond_sync_us_max = 1'000;
constexpr double to_device_p50_us_max = 3'000;
constexpr double to_device_p99_us_max = 20'000;

double micros(nanoseconds time) { return std::chrono::duration<double, std::micro>(time).count(); }

std::string millis(double micros) { return fmt::format("{:.3f}", micros / 1'000); }

std::string whole(double value) { return fmt::format("{:.0f}", value); }

std::string verdict(bool met) { return met ? "met" : "MISSED"; }

Json latency_json(const LatencySummary& latency) {
  return Json{{"count", latency.count},
              {"p50", micros(latency.p50)},
              {"p99", micros(latency.p99)},
              {"max", micros(latency.max)}};
}

Json cost_json(const bench::AppendCost& cost) {
  return Json{{"deciding", cost.deciding},
              {"encoding", cost.encoding},
              {"appending", cost.appending},
              {"answering", cost.answering},
              {"other", cost.other}};
}

/// What the server adds to the disk, for one client in the middle of the cases.
double http_beyond_sync_us(const bench::PinResult& result) {
  return micros(result.http.p50) - micros(result.sync.p50);
}

}  // namespace

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
                        {"cost_us_per_event", cost_json(row.cost_us)},
                        {"sync_us", latency_json(row.sync)}});
  }
  return Json{{"benchmark", "append"},
              {"rounds", options.rounds},
              {"batches_per_round", options.batches},
              {"devices", options.devices},
              {"idempotency_keys", options.keys},
              {"ratio_wanted", ratio_wanted},
              {"results", std::move(list)}};
}

std::string append_text(const std::vector<AppendRow>& rows) {
  Table rates({"batch", "engine/s", "raw/s", "ratio", "lowest", "highest", "folded/s",
               "sync p50 ms", "sync p99 ms"});
  Table costs({"batch", "deciding", "encoding", "appending", "answering", "other", "bytes",
               "events in a batch"});
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
               fmt::format("{:.1f}", row.batch_mean)});
  }
  return fmt::format(
      "Durable pins through the engine, against the same records put into RocksDB as they are\n"
      "(wanted: a ratio of {} at least)\n\n{}\nWhere the writer's time goes, in us for one event\n"
      "\n{}",
      ratio_wanted, rates.text(), costs.text());
}

Json pin_json(const bench::PinOptions& options, const bench::PinResult& result) {
  return Json{{"benchmark", "pin"},
              {"rounds", options.rounds},
              {"pins_per_round", options.pins},
              {"devices", options.devices},
              {"rate_per_s", options.rate},
              {"sync_us", latency_json(result.sync)},
              {"http_us", latency_json(result.http)},
              {"http_beyond_sync_p50_us", http_beyond_sync_us(result)},
              {"to_device_us", latency_json(result.to_device)},
              {"bare_us", latency_json(result.bare)},
              {"wanted",
               {{"http_beyond_sync_p50_us", http_beyond_sync_us_max},
                {"to_device_p50_us", to_device_p50_us_max},
                {"to_device_p99_us", to_device_p99_us_max}}}};
}

std::string pin_text(const bench::PinResult& result) {
  Table times({"what", "times", "p50 ms", "p99 ms", "max ms"});
  const auto add = [&times](const std::string& what, const LatencySummary& latency) {
    times.add({what, fmt::to_string(latency.count), millis(micros(latency.p50)),
               millis(micros(latency.p99)), millis(micros(latency.max))});
  };
  add("bare write and sync", result.sync);
  add("HTTP pin, to its answer", result.http);
  add("HTTP pin, to the device", result.to_device);
  add("bare sync and publish, to the device", result.bare);
  Table targets({"wanted", "at most ms", "measured ms", "verdict"});
  const auto want = [&targets](const std::string& what, double most_us, double us) {
    targets.add({what, millis(most_us), millis(us), verdict(us < most_us)});
  };
  want("HTTP pin beyond the sync, p50", http_beyond_sync_us_max, http_beyond_sync_us(result));
  want("HTTP pin to the device, p50", to_device_p50_us_max, micros(result.to_device.p50));
  want("HTTP pin to the device, p99", to_device_p99_us_max, micros(result.to_device.p99));
  return fmt::format("{}\n{}", times.text(), targets.text());
}

}  // namespace muster::cli
