#include "tools/bench/append/append_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <span>
#include <utility>

#include "tools/bench/append/engine_stand.h"
#include "tools/bench/append/raw_log_writer.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/bench/support/synced_file.h"

namespace muster::bench {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::size_t batch_size_max = 1'000;
constexpr std::size_t events_max = 400'000;  // A round's: what the engine keeps for the views.
constexpr std::size_t devices_max = 1'000'000;
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t syncs_max = 200;  // A round's.

Result<void> check(const AppendOptions& options) {
  const auto refuse = [](std::string why) {
    return fail(ErrorCode::invalid_input, std::move(why));
  };
  if (options.batch_sizes.empty()) return refuse("name a batch size at least");
  for (const std::size_t size : options.batch_sizes) {
    if (size < 1 || size > batch_size_max) {
      return refuse(fmt::format("batch size {}: it is from 1 to {}", size, batch_size_max));
    }
    if (options.batches < 1 || options.batches > events_max / size) {
      return refuse(fmt::format("{} batches of {}: a round has from 1 to {} events",
                                options.batches, size, events_max));
    }
  }
  if (options.rounds < 1 || options.rounds > rounds_max) {
    return refuse(fmt::format("{} rounds: from 1 to {}", options.rounds, rounds_max));
  }
  if (options.devices < 1 || options.devices > devices_max) {
    return refuse(fmt::format("{} devices: from 1 to {}", options.devices, devices_max));
  }
  return {};
}

double per_second(std::size_t events, nanoseconds time) {
  return static_cast<double>(events) / std::chrono::duration<double>(time).count();
}

/// One round with one batch size.
struct Round {
  EngineRun engine;
  nanoseconds raw{0};
  nanoseconds raw_with_tree{0};
  std::vector<nanoseconds> syncs;
};

/// What is measured for one batch size.
class Measurement {
 public:
  explicit Measurement(std::size_t batch_size) : batch_size_(batch_size) {}

  void add(const Round& round) {
    const std::size_t events = round.engine.records.size();
    const auto bytes =
        std::accumulate(round.engine.records.begin(), round.engine.records.end(), std::size_t{0},
                        [](std::size_t sum, const Record& record) { return sum + record.size(); });
    bytes_.push_back(static_cast<double>(bytes) / static_cast<double>(events));
    batch_means_.push_back(static_cast<double>(events) /
                           static_cast<double>(round.engine.timings.batches));
    engine_.push_back(per_second(events, round.engine.elapsed));
    folded_.push_back(per_second(events, round.engine.folded));
    raw_.push_back(per_second(events, round.raw));
    ratios_.push_back(engine_.back() / raw_.back());
    const auto each = [events](nanoseconds time) {
      return std::chrono::duration<double, std::micro>(time).count() / static_cast<double>(events);
    };
    tree_us_.push_back(each(round.raw_with_tree - round.raw));
    tree_shares_.push_back(tree_us_.back() / each(round.engine.elapsed));
    syncs_.insert(syncs_.end(), round.syncs.begin(), round.syncs.end());
    costs_.push_back(cost(round.engine, events));
  }

  [[nodiscard]] AppendRow row() const {
    return AppendRow{.batch_size = batch_size_,
                     .batch_mean = median(batch_means_),
                     .record_bytes = median(bytes_),
                     .engine_per_s = median(engine_),
                     .raw_per_s = median(raw_),
                     .ratio = median(ratios_),
                     .ratio_min = *std::min_element(ratios_.begin(), ratios_.end()),
                     .ratio_max = *std::max_element(ratios_.begin(), ratios_.end()),
                     .folded_per_s = median(folded_),
                     .tree_us = median(tree_us_),
                     .tree_share = median(tree_shares_),
                     .cost_us = {.deciding = median_of(&AppendCost::deciding),
                                 .encoding = median_of(&AppendCost::encoding),
                                 .appending = median_of(&AppendCost::appending),
                                 .answering = median_of(&AppendCost::answering),
                                 .other = median_of(&AppendCost::other)},
                     .sync = summarise(syncs_)};
  }

 private:
  static AppendCost cost(const EngineRun& run, std::size_t events) {
    const auto each = [events](nanoseconds time) {
      return std::chrono::duration<double, std::micro>(time).count() / static_cast<double>(events);
    };
    const Engine::Timings& spent = run.timings;
    const auto known = spent.deciding + spent.encoding + spent.appending + spent.answering;
    return AppendCost{.deciding = each(spent.deciding),
                      .encoding = each(spent.encoding),
                      .appending = each(spent.appending),
                      .answering = each(spent.answering),
                      .other = each(run.elapsed - known)};
  }

  [[nodiscard]] double median_of(double AppendCost::* part) const {
    std::vector<double> values;
    values.reserve(costs_.size());
    for (const AppendCost& cost : costs_) values.push_back(cost.*part);
    return median(std::move(values));
  }

  std::size_t batch_size_;
  std::vector<double> batch_means_;
  std::vector<double> bytes_;
  std::vector<double> engine_;
  std::vector<double> folded_;
  std::vector<double> raw_;
  std::vector<double> ratios_;
  std::vector<double> tree_us_;
  std::vector<double> tree_shares_;
  std::vector<AppendCost> costs_;
  std::vector<nanoseconds> syncs_;
};

/// Engines, one a batch size, raw writers and bare file, on one disk.
struct Stand {
  std::vector<std::unique_ptr<EngineStand>> engines;
  std::unique_ptr<RawLogWriter> raw;
  std::unique_ptr<RawLogWriter> raw_with_tree;
  SyncedFile file;
};

Result<Stand> make_stand(const std::filesystem::path& folder, const AppendOptions& options) {
  auto raw = RawLogWriter::create(folder / "raw", RawLogWriter::Tree::none);
  if (!raw) return tl::unexpected(raw.error());
  auto raw_with_tree = RawLogWriter::create(folder / "tree", RawLogWriter::Tree::kept);
  if (!raw_with_tree) return tl::unexpected(raw_with_tree.error());
  auto file = SyncedFile::create(folder / "bare");
  if (!file) return tl::unexpected(file.error());
  std::vector<std::unique_ptr<EngineStand>> engines;
  for (const std::size_t batch_size : options.batch_sizes) {
    const auto path = folder / fmt::format("engine-{}", engines.size());
    std::error_code error;
    std::filesystem::create_directory(path, error);
    auto engine = EngineStand::make(path, options.devices, batch_size);
    if (!engine) return tl::unexpected(engine.error());
    engines.push_back(std::move(*engine));
  }
  return Stand{std::move(engines), std::move(*raw), std::move(*raw_with_tree), std::move(*file)};
}

Result<nanoseconds> write_raw(RawLogWriter& raw, std::span<const Record> records,
                              std::size_t batch_size) {
  const auto began = steady_clock::now();
  while (!records.empty()) {
    const std::size_t size = std::min(batch_size, records.size());
    if (auto done = raw.append(records.first(size)); !done) return tl::unexpected(done.error());
    records = records.subspan(size);
  }
  return steady_clock::now() - began;
}

/// The next round with the batch size at that place.
Result<Round> run_round(Stand& stand, const AppendOptions& options, std::size_t place) {
  Round round;
  const std::size_t batch_size = options.batch_sizes[place];
  auto engine =
      stand.engines[place]->run({.pins = options.batches * batch_size, .keys = options.keys});
  if (!engine) return tl::unexpected(engine.error());
  round.engine = std::move(*engine);
  const auto raw = write_raw(*stand.raw, round.engine.records, batch_size);
  if (!raw) return tl::unexpected(raw.error());
  round.raw = *raw;
  const auto with_tree = write_raw(*stand.raw_with_tree, round.engine.records, batch_size);
  if (!with_tree) return tl::unexpected(with_tree.error());
  round.raw_with_tree = *with_tree;
  const std::size_t bytes = batch_size * round.engine.records.front().size();
  for (std::size_t i = 0; i < std::min(options.batches, syncs_max); ++i) {
    const auto sync = stand.file.write(bytes);
    if (!sync) return tl::unexpected(sync.error());
    round.syncs.push_back(*sync);
  }
  return round;
}

}  // namespace

Result<std::vector<AppendRow>> run_append(const AppendOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const auto scratch = ScratchFolder::make(options.folder);
  if (!scratch) return tl::unexpected(scratch.error());
  progress.say(fmt::format("registering {} devices for each batch size", options.devices));
  auto stand = make_stand(scratch->path(), options);
  if (!stand) return tl::unexpected(stand.error());
  std::vector<Measurement> measurements(options.batch_sizes.begin(), options.batch_sizes.end());
  for (std::size_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < measurements.size(); ++i) {
      if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
      progress.say(fmt::format("round {} of {}, batches of {}", round + 1, options.rounds,
                               options.batch_sizes[i]));
      const auto measured = run_round(*stand, options, i);
      if (!measured) return tl::unexpected(measured.error());
      measurements[i].add(*measured);
    }
  }
  std::vector<AppendRow> rows;
  rows.reserve(measurements.size());
  for (const Measurement& measurement : measurements) rows.push_back(measurement.row());
  return rows;
}

}  // namespace muster::bench
