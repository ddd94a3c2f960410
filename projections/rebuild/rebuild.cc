#include "projections/rebuild/rebuild.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/log.h"
#include "core/base/thread_name.h"
#include "core/log/event_log.h"
#include "projections/rebuild/log_fold.h"
#include "projections/rebuild/row_build.h"
#include "projections/rebuild/row_switch.h"
#include "projections/rebuild/rows/rows_ahead.h"
#include "projections/runner.h"
#include "projections/store/sorted_files.h"

namespace muster {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;
using Phase = RebuildProgress::Phase;

constexpr std::uint64_t free_min = std::uint64_t{512} << 20U;
constexpr std::uint64_t free_per_byte = 3;  // Runs and tables, beside the rows in use.
constexpr const char* work_of_check = "check-";

fs::path work_of(const ViewStore& store, std::string_view view, const RebuildOptions& options) {
  std::string name(options.switch_over ? "" : work_of_check);
  return store.work_folder() / name.append(view);
}

double seconds_since(steady_clock::time_point began) {
  return std::chrono::duration<double>(steady_clock::now() - began).count();
}

Result<void> bring(RowCursor& rows, const RowsAhead::Take& take) {
  for (auto any = rows.next();; any = rows.next()) {
    if (!any) return tl::unexpected(any.error());
    if (!*any || !take(rows.change().key, *rows.change().value)) return {};
  }
}

class Rebuild {
 public:
  Rebuild(const RebuildParts& parts, std::string_view view, const RebuildOptions& options,
          RebuildProgress& progress, const std::stop_token& stop)
      : parts_(parts), options_(options), progress_(progress), stop_(stop), view_(view) {
    report_.view = view;
    folder_ = work_of(parts_.store, view_, options_);
    threads_ = options.threads > 0 ? options.threads
                                   : std::max<std::size_t>(1, std::thread::hardware_concurrency());
  }

  Result<RebuildReport> run() {
    auto done = prepare();
    if (done) done = aside([this] { return fold(); });
    if (done) done = aside([this] { return compare_and_write(); });
    build_.reset();
    snapshot_.reset();
    if (done && options_.switch_over) done = switch_over();
    if (done || !options_.switch_over) remove_work();
    if (!done) return tl::unexpected(std::move(done).error());
    return std::move(report_);
  }

 private:
  Result<void> prepare() {
    projection_ = parts_.make(view_);
    if (projection_ == nullptr) {
      return fail(
          ErrorCode::invalid_input,
          fmt::format("there is no projection `{}`; `muster projection list` shows all", view_));
    }
    if (auto room = check_room(); !room) return room;
    if (options_.from_start || !options_.switch_over) remove_work();
    if (auto opened = open_build(); !opened) return opened;
    hold([this] { snapshot_.emplace(parts_.store); });
    report_.position = snapshot_->position(view_);
    if (build_->position() > report_.position) {  // The rows in use have been made anew since.
      remove_work();
      if (auto opened = open_build(); !opened) return opened;
    }
    report_.resumed_at = build_->position();
    progress_.begun_at = build_->position().value();
    progress_.events = build_->position().value();
    progress_.of = report_.position.value();
    return {};
  }

  Result<void> open_build() {
    auto opened = RowBuild::open({.folder = folder_,
                                  .log = parts_.identity,
                                  .view = view_,
                                  .version = projection_->version(),
                                  .table_bytes = options_.table_bytes},
                                 parts_.log);
    if (!opened) return tl::unexpected(std::move(opened).error());
    build_ = std::move(*opened);
    return {};
  }

  /// Calls `work` while nobody folds.
  void hold(const std::function<void()>& work) const {
    if (parts_.runner != nullptr) return parts_.runner->hold(work);
    work();
  }

  Result<void> check_room() const {
    std::error_code error;
    fs::create_directories(parts_.store.work_folder(), error);
    const auto space = fs::space(parts_.store.work_folder(), error);
    if (error) {
      return fail(ErrorCode::failed, fmt::format("{}: {}", folder_.string(), error.message()));
    }
    std::uint64_t need = free_min;
    for (const ViewStatus& each : parts_.store.views()) {
      if (each.name == view_) need += each.bytes * free_per_byte;
    }
    if (space.available >= need) return {};
    return fail(
        ErrorCode::unavailable,
        fmt::format("folding {} anew needs {} MiB of disk, {} MiB are free in {}; free some", view_,
                    need >> 20U, space.available >> 20U, parts_.store.work_folder().string()));
  }

  /// Works on a thread that leaves the processor to others; those it makes do likewise.
  Result<void> aside(const std::function<Result<void>()>& work) const {
    Result<void> result;
    std::jthread thread([&] {
      name_this_thread("muster-rebuild");
      if (options_.nice > 0 && ::nice(options_.nice) == -1) {
        log_debug("a rebuild is no nicer than others");
      }
      result = work();
    });
    thread.join();
    return result;
  }

  Result<void> fold() {
    const auto began = steady_clock::now();
    progress_.phase = Phase::folding;
    auto done = read_events({.log = parts_.log,
                             .codec = parts_.codec,
                             .after = build_->position(),
                             .last = report_.position,
                             .threads = threads_},
                            stop_, [this](std::span<const Recorded> events) {
                              auto folded = build_->fold(*projection_, events);
                              progress_.events = build_->position().value();
                              return folded;
                            });
    if (done && stop_.stop_requested()) {
      done = options_.switch_over ? build_->save(*projection_) : Result<void>();
      if (done) done = tl::unexpected(rebuild_stopped());
    }
    if (done) done = build_->finish(*projection_);
    report_.folding_s = seconds_since(began);
    return done;
  }

  Result<void> compare_and_write() {
    const auto began = steady_clock::now();
    progress_.phase = Phase::comparing;
    SortedFiles files(folder_);
    std::uint64_t count = 0;
    auto compared = compare([&](std::string_view key, std::string_view value) -> Result<void> {
      progress_.rows = ++count;
      if (stop_.stop_requested()) return tl::unexpected(rebuild_stopped());
      if (!options_.switch_over) return {};
      return files.add(key, value);
    });
    if (!compared) return give_up(std::move(compared).error());
    report_.comparison = std::move(*compared);
    auto written = files.finish();
    if (!written) return tl::unexpected(std::move(written).error());
    files_ = std::move(*written);
    report_.comparing_s = seconds_since(began);
    return {};
  }

  Result<RowComparison> compare(const TakeRow& take) {
    RowsAhead stored([this](const RowsAhead::Take& next) -> Result<void> {
      snapshot_->scan_all(view_, next);
      return {};
    });
    RowsAhead folded([this](const RowsAhead::Take& next) { return bring(*build_->rows(), next); });
    return compare_rows(stored, folded, take);
  }

  /// What is folded is not lost.
  Result<void> give_up(Error why) {
    if (stop_.stop_requested() && options_.switch_over) {
      if (auto saved = build_->save(*projection_); !saved) return saved;
    }
    return tl::unexpected(std::move(why));
  }

  Result<void> switch_over() {
    const auto began = steady_clock::now();
    progress_.phase = Phase::switching;
    auto done = take_into_use(
        parts_, {.view = view_, .files = files_, .position = report_.position}, stop_);
    if (!done) return done;
    for (const ViewStatus& each : parts_.store.views()) {
      if (each.name == view_) report_.generation = each.generation;
    }
    report_.switching_s = seconds_since(began);
    return {};
  }

  void remove_work() const {
    std::error_code error;
    fs::remove_all(folder_, error);
    if (error) log_warn("not removed: folder={} why={}", folder_.string(), error.message());
  }

  const RebuildParts& parts_;
  const RebuildOptions& options_;
  RebuildProgress& progress_;
  const std::stop_token stop_;
  const std::string view_;
  std::size_t threads_ = 1;
  fs::path folder_;
  std::unique_ptr<Projection> projection_;
  std::unique_ptr<RowBuild> build_;
  std::optional<ViewSnapshot> snapshot_;
  std::vector<fs::path> files_;
  RebuildReport report_;
};

void log_outcome(const RebuildReport& report) {
  const RowComparison& found = report.comparison;
  if (found.differences > 0) {
    log_error("a projection differs from the log: projection={} at={} differences={} healed={}",
              report.view, report.position.value(), found.differences, report.generation > 0);
  }
  if (report.generation > 0) {
    log_info(
        "projection rebuilt: projection={} at={} rows={} generation={} folding_s={:.1f} "
        "comparing_s={:.1f} switching_s={:.3f}",
        report.view, report.position.value(), found.rows, report.generation, report.folding_s,
        report.comparing_s, report.switching_s);
  }
}

}  // namespace

Result<RebuildReport> rebuild(const RebuildParts& parts, std::string_view view,
                              const RebuildOptions& options, RebuildProgress& progress,
                              const std::stop_token& stop) {
  auto report = Rebuild(parts, view, options, progress, stop).run();
  if (report) log_outcome(*report);
  return report;
}

std::optional<Sequence> unfinished_rebuild(const ViewStore& store, std::string_view view) {
  return unfinished_build(work_of(store, view, {}));
}

}  // namespace muster
