#include "tools/bench/verify/verify_bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "core/log/checkpoint/checkpoint_signer.h"
#include "core/log/event_log.h"
#include "core/log/merkle/merkle_frontier.h"
#include "core/log/merkle/tile.h"
#include "core/log/no_subject_keys.h"
#include "core/log/record_codec.h"
#include "tools/audit/source/data_source.h"
#include "tools/audit/source/folder_source.h"
#include "tools/audit/tile_export.h"
#include "tools/audit/verify/verification.h"
#include "tools/bench/append/engine_stand.h"
#include "tools/bench/support/check_number.h"
#include "tools/bench/support/latency.h"
#include "tools/bench/support/scratch_folder.h"
#include "tools/store/first_events.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t devices = 1'000;
constexpr std::size_t batch_events = 200;
constexpr std::size_t events_min = 1'000;
constexpr std::size_t events_max = 10'000'000;
constexpr std::size_t rounds_max = 1'000;
constexpr std::size_t threads_max = 256;
constexpr std::size_t pins_at_a_time = 200'000;  // What the engine keeps for the views.

Result<void> check(const VerifyBenchOptions& options) {
  return check_number("events", options.events, events_min, events_max)
      .and_then([&] { return check_number("rounds", options.rounds, 1, rounds_max); })
      .and_then([&] { return check_number("threads", options.threads, 0, threads_max); });
}

double rate_since(steady_clock::time_point began, std::size_t events) {
  return static_cast<double>(events) /
         std::chrono::duration<double>(steady_clock::now() - began).count();
}

/// The leaf and node hashes of all records, on threads: what no verification can do without.
double measure_bare(std::span<const Record> records, std::size_t threads) {
  const auto began = steady_clock::now();
  const std::size_t tiles = (records.size() + tile_width - 1) / tile_width;
  TileHashes roots(tiles);
  {
    std::vector<std::jthread> workers;
    workers.reserve(threads);
    for (std::size_t worker = 0; worker < threads; ++worker) {
      workers.emplace_back([&, worker] {
        for (std::size_t tile = worker; tile < tiles; tile += threads) {
          const std::size_t first = tile * tile_width;
          const std::size_t count = std::min<std::size_t>(tile_width, records.size() - first);
          MerkleFrontier frontier;
          for (const Record& record : records.subspan(first, count)) {
            frontier.append(merkle_leaf(record));
          }
          roots[tile] = frontier.root();
        }
      });
    }
  }
  static_cast<void>(frontier_over(roots).root());
  return rate_since(began, records.size());
}

/// A data folder on disk, its export beside it, and its records in memory.
class Stand {
 public:
  static Result<Stand> make(const VerifyBenchOptions& options, const Progress& progress) {
    auto scratch = ScratchFolder::make(options.folder);
    if (!scratch) return tl::unexpected(scratch.error());
    Stand stand(std::move(*scratch));
    auto engine = EngineStand::make(stand.scratch_.path(), devices, batch_events);
    if (!engine) return tl::unexpected(engine.error());
    for (std::size_t done = 0; done < options.events;) {
      if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
      progress.say(fmt::format("{} of {} events appended", done, options.events));
      const std::size_t pins = std::min(pins_at_a_time, options.events - done);
      const auto run = (*engine)->run({.pins = pins});
      if (!run) return tl::unexpected(run.error());
      done += pins;
    }
    engine->reset();
    auto made = stand.read_and_export();
    if (!made) return tl::unexpected(std::move(made).error());
    return stand;
  }

  /// Verifies it as a user does. Errors: failed if it is not sound.
  Result<double> verify_data(const audit::VerifyOptions& options) const {
    const auto source = audit::DataSource::open(scratch_.path());
    if (!source) return tl::unexpected(source.error());
    return verify(**source, source->get(), options);
  }

  /// The export likewise.
  Result<double> verify_tiles(const audit::VerifyOptions& options) const {
    audit::FolderSource source(tiles());
    return verify(source, nullptr, options);
  }

  [[nodiscard]] const std::vector<Record>& records() const { return records_; }

 private:
  explicit Stand(ScratchFolder scratch) : scratch_(std::move(scratch)) {}

  [[nodiscard]] std::filesystem::path tiles() const { return scratch_.path() / "export"; }

  Result<double> verify(audit::LogSource& source, const audit::DataSource* data,
                        const audit::VerifyOptions& options) const {
    const auto began = steady_clock::now();
    const auto report = audit::verify(source, data, options, [](auto, auto) {});
    if (!report) return tl::unexpected(report.error());
    if (!report->findings.empty()) {
      return fail(ErrorCode::failed, report->findings.first().front().what);
    }
    return rate_since(began, records_.size());
  }

  Result<void> read_and_export() {
    const auto source = audit::DataSource::open(scratch_.path());
    if (!source) return tl::unexpected(source.error());
    const auto& log = (*source)->log();
    const auto read = log.read_after(Sequence{}, [this](Sequence, std::string_view record) {
      records_.emplace_back(record);
      return true;
    });
    if (!read) return tl::unexpected(read.error());
    if (auto done = sign(log); !done) return done;
    const auto exported = audit::export_tiles(**source, tiles(), [](auto, auto) {});
    if (!exported) return tl::unexpected(exported.error());
    return {};
  }

  /// As a server does every ten seconds.
  Result<void> sign(const RocksEventLog& log) const {
    NoSubjectKeys keys;
    const auto identity = read_identity(log, RecordCodec(keys));
    if (!identity) return tl::unexpected(identity.error());
    const auto signer =
        CheckpointSigner::open({.key = scratch_.path() / "checkpoint.pem",
                                .latest = scratch_.path() / "checkpoint",
                                .verifier = scratch_.path() / "checkpoint.vkey"},
                               {.name = "", .log = identity->log, .epoch = identity->epoch}, log);
    if (!signer) return tl::unexpected(signer.error());
    const auto done = (*signer)->sign();
    if (!done) return tl::unexpected(done.error());
    return {};
  }

  ScratchFolder scratch_;
  std::vector<Record> records_;
};

/// What the rounds measured of one source.
class Measured {
 public:
  using Verify = Result<double> (Stand::*)(const audit::VerifyOptions&) const;

  Measured(std::string name, Verify verify) : name_(std::move(name)), verify_(verify) {}

  Result<void> run(const Stand& stand, std::size_t threads, double bare) {
    const auto tree = (stand.*verify_)({.threads = threads, .replay = false});
    if (!tree) return tl::unexpected(tree.error());
    const auto replay = (stand.*verify_)({.threads = threads, .replay = true});
    if (!replay) return tl::unexpected(replay.error());
    tree_.push_back(*tree);
    replay_.push_back(*replay);
    ratios_.push_back(*tree / bare);
    return {};
  }

  [[nodiscard]] VerifiedSource result() const {
    return {.name = name_,
            .tree_per_s = median(tree_),
            .replay_per_s = median(replay_),
            .ratio = median(ratios_),
            .ratio_min = *std::ranges::min_element(ratios_),
            .ratio_max = *std::ranges::max_element(ratios_)};
  }

 private:
  std::string name_;
  Verify verify_;
  std::vector<double> tree_;
  std::vector<double> replay_;
  std::vector<double> ratios_;
};

double mean_bytes(std::span<const Record> records) {
  std::size_t bytes = 0;
  for (const Record& record : records) bytes += record.size();
  return static_cast<double>(bytes) / static_cast<double>(records.size());
}

}  // namespace

Result<VerifyBenchResult> run_verify(const VerifyBenchOptions& options, const Progress& progress) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  const std::size_t threads = options.threads > 0
                                  ? options.threads
                                  : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  auto stand = Stand::make(options, progress);
  if (!stand) return tl::unexpected(stand.error());
  std::vector<double> bare;
  std::array measured{Measured("data folder", &Stand::verify_data),
                      Measured("export in tiles", &Stand::verify_tiles)};
  for (std::size_t round = 0; round < options.rounds; ++round) {
    if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    progress.say(fmt::format("round {} of {}", round + 1, options.rounds));
    bare.push_back(measure_bare(stand->records(), threads));
    for (Measured& each : measured) {
      if (auto done = each.run(*stand, threads, bare.back()); !done) {
        return tl::unexpected(done.error());
      }
    }
  }
  return VerifyBenchResult{.events = stand->records().size(),
                           .threads = threads,
                           .record_bytes = mean_bytes(stand->records()),
                           .bare_per_s = median(bare),
                           .sources = {measured[0].result(), measured[1].result()}};
}

}  // namespace muster::bench
