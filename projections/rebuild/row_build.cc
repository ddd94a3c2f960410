#include "projections/rebuild/row_build.h"

#include <fmt/format.h>

#include <exception>
#include <system_error>
#include <utility>

#include "core/base/assert.h"
#include "core/log/event_log.h"
#include "projections/rebuild/build_progress.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

/// A projection writes back what it holds after so many events: rows that change all the time are
/// then encoded once for many events.
constexpr std::size_t finish_every = 65'536;

fs::path run_path(const fs::path& folder, std::size_t number) {
  return folder / fmt::format("run-{}", number);
}

}  // namespace

/// Leads out of a fold that cannot go on.
struct RowBuild::Stopped final : std::exception {
  explicit Stopped(Error what) : error(std::move(what)) {}
  [[nodiscard]] const char* what() const noexcept override { return error.message.c_str(); }
  Error error;
};

RowBuild::RowBuild(BuildOptions options, const EventLog& log)
    : options_(std::move(options)), log_(log) {}

RowBuild::~RowBuild() {
  if (written_.valid()) written_.wait();
}

Result<std::unique_ptr<RowBuild>> RowBuild::open(BuildOptions options, const EventLog& log) {
  std::unique_ptr<RowBuild> build(new RowBuild(std::move(options), log));
  auto done = build->take_up();
  if (!done) done = build->start_over();
  if (!done) return tl::unexpected(std::move(done).error());
  return build;
}

/// Errors: if there is nothing to go on with.
Result<void> RowBuild::take_up() {
  const auto progress = read_progress(options_.folder);
  const bool fits = progress && progress->log == options_.log && progress->view == options_.view &&
                    progress->version == options_.version && progress->position <= log_.head() &&
                    digest_of_record(log_, progress->position) == progress->record;
  if (!fits) return fail(ErrorCode::invalid_input, "there is nothing to go on with");
  for (const std::uint64_t size : progress->runs) {
    const fs::path path = run_path(options_.folder, runs_.size());
    std::error_code error;
    if (fs::file_size(path, error) != size || error) {
      return fail(ErrorCode::corrupt, fmt::format("{} is not whole", path.string()));
    }
    auto run = SortedRun::open(path);
    if (!run) return tl::unexpected(std::move(run).error());
    runs_.push_back(std::move(*run));
  }
  run_sizes_ = progress->runs;
  position_ = progress->position;
  return {};
}

Result<void> RowBuild::start_over() {
  runs_.clear();
  run_sizes_.clear();
  position_ = Sequence{};
  std::error_code error;
  fs::remove_all(options_.folder, error);
  if (!error) fs::create_directories(options_.folder, error);
  if (!error) return {};
  return fail(ErrorCode::failed,
              fmt::format("{} cannot be made: {}", options_.folder.string(), error.message()));
}

template <typename Work>
Result<void> RowBuild::guarded(const Work& work) {
  try {
    work();
  } catch (const Stopped& stopped) {
    return tl::unexpected(stopped.error);
  }
  return {};
}

Result<void> RowBuild::fold(Projection& projection, std::span<const Recorded> events) {
  auto folded = guarded([&] {
    for (const Recorded& recorded : events) {
      if (recorded.sequence <= position_) continue;
      MUSTER_ASSERT(recorded.sequence == next(position_), "events are folded one after the other");
      projection.apply(*this, recorded);
      position_ = recorded.sequence;
      ++unfinished_;
    }
  });
  if (!folded || unfinished_ < finish_every) return folded;
  return finish(projection).and_then([&]() -> Result<void> {
    if (table_.bytes() < options_.table_bytes) return {};
    return spill();
  });
}

Result<void> RowBuild::finish(Projection& projection) {
  if (std::exchange(unfinished_, 0) == 0) return {};
  return guarded([&] { projection.finish(*this); });
}

Result<void> RowBuild::save(Projection& projection) {
  return finish(projection).and_then([&]() -> Result<void> {
    if (!table_.empty()) return spill().and_then([&] { return await_run(); });
    return await_run().and_then([&] { return keep_progress(position_); });
  });
}

/// Has the table written, beside what is folded next.
Result<void> RowBuild::spill() {
  if (auto done = await_run(); !done) return done;
  writing_ = std::make_unique<RowTable>(std::exchange(table_, RowTable()));
  writing_position_ = position_;
  written_ = std::async(std::launch::async,
                        [table = writing_.get(), path = run_path(options_.folder, runs_.size())] {
                          return SortedRun::write(path, *table);
                        });
  return {};
}

Result<void> RowBuild::await_run() {
  if (!written_.valid()) return {};
  auto run = written_.get();
  if (!run) return tl::unexpected(std::move(run).error());
  run_sizes_.push_back((*run)->size());
  runs_.push_back(std::move(*run));
  writing_.reset();
  return keep_progress(writing_position_);
}

Result<void> RowBuild::keep_progress(Sequence position) {
  const auto record = digest_of_record(log_, position);
  if (!record) return fail(ErrorCode::corrupt, "the log ends before what was read of it");
  return write_progress(options_.folder, {.log = options_.log,
                                          .view = options_.view,
                                          .version = options_.version,
                                          .position = position,
                                          .record = *record,
                                          .runs = run_sizes_});
}

std::unique_ptr<RowCursor> RowBuild::rows() const {
  MUSTER_ASSERT(unfinished_ == 0, "rows are whole once the fold is finished");
  std::vector<std::unique_ptr<RowCursor>> cursors;
  cursors.reserve(runs_.size() + 2);
  for (const auto& run : runs_) cursors.push_back(run->cursor());
  if (writing_ != nullptr) cursors.push_back(cursor_over(*writing_));  // Not waited for.
  cursors.push_back(cursor_over(table_));
  return merged(std::move(cursors));
}

std::optional<std::string> RowBuild::get(std::string_view key) const {
  for (const RowTable* table : {&table_, static_cast<const RowTable*>(writing_.get())}) {
    if (table == nullptr) continue;
    if (const auto found = table->find(key)) {
      return std::optional<std::string>(found->value);
    }
  }
  for (auto run = runs_.rbegin(); run != runs_.rend(); ++run) {
    auto found = (*run)->find(key);
    if (!found) throw Stopped(std::move(found).error());
    if (*found) return **std::move(found);
  }
  return std::nullopt;
}

void RowBuild::put(std::string_view key, std::string_view value) { table_.set(key, value); }

void RowBuild::put_unread(std::string_view key, std::string_view value) { table_.add(key, value); }

void RowBuild::erase(std::string_view key) { table_.set(key, std::nullopt); }

void RowBuild::end_damaged(std::string_view what) const {
  throw Stopped(Error{ErrorCode::corrupt, fmt::format("the fold of {} stopped behind event {}: {}",
                                                      options_.view, position_.value(), what)});
}

std::optional<Sequence> unfinished_build(const fs::path& folder) {
  const auto progress = read_progress(folder);
  return progress ? std::optional(progress->position) : std::nullopt;
}

}  // namespace muster
