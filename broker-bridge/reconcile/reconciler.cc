#include "broker-bridge/reconcile/reconciler.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker-bridge/channel/topic.h"
#include "core/base/log.h"
#include "projections/reader.h"

namespace muster {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::minutes again_after{10};  // One on schedule that came to nothing.

std::string alarm_about(const Uuid& device, std::size_t count) {
  return fmt::format(
      "the broker has {} target(s) newer than the log's, among them that of device {}: the log was "
      "put back to an older state, or somebody else publishes targets. Restore the newest log, or "
      "clear the retained topic {} and run `muster broker reconcile`",
      count, to_string(device), target_topic(device));
}

}  // namespace

Reconciler::Reconciler(Options options, const ViewStore& store, const Clock& clock,
                       std::function<void()> wake)
    : options_(std::move(options)),
      store_(store),
      clock_(clock),
      wake_(std::move(wake)),
      due_(steady_clock::now() +
           (options_.on_start ? decltype(options_.every){} : options_.every)) {}

void Reconciler::request(ReconcileDone done) {
  std::string_view refusal;
  {
    const std::scoped_lock lock(mutex_);
    if (!connected_) {
      refusal = "the server is not connected to the broker";
    } else if (asked_ || phase_ != Phase::idle) {
      refusal = "the broker is being reconciled already; wait until that is done";
    } else {
      asked_.swap(done);
    }
  }
  if (refusal.empty()) return wake_();
  done(fail(ErrorCode::unavailable, std::string(refusal)));
}

void Reconciler::connected() {
  const std::scoped_lock lock(mutex_);
  connected_ = true;
}

void Reconciler::disconnected() {
  reading_.request_stop();
  Phase after = Phase::idle;
  {
    const std::scoped_lock lock(mutex_);
    connected_ = false;
    if (phase_ == Phase::reading || phase_ == Phase::given_up) after = Phase::given_up;
  }
  fail_all({ErrorCode::unavailable, "the connection to the broker was lost"}, after);
}

void Reconciler::step(const Moment& moment) {
  Phase phase = Phase::idle;
  bool wanted = false;
  std::optional<Result<Findings>> found;
  {
    const std::scoped_lock lock(mutex_);
    found = std::exchange(read_, std::nullopt);
    if (found && phase_ == Phase::given_up) phase_ = Phase::idle;
    wanted = asked_ != nullptr || steady_clock::now() >= due_;
    phase = phase_;
  }
  if (phase == Phase::idle && wanted) begin(moment.settled);
  if (phase == Phase::reading && found) begin_repairs(std::move(*found), moment.look_only);
  if (phase == Phase::repairing && repairs_.done()) finish();
}

void Reconciler::begin(Sequence settled) {
  {
    const std::scoped_lock lock(mutex_);
    phase_ = Phase::reading;
  }
  began_ = steady_clock::now();
  due_ = began_ + options_.every;
  reading_ = std::jthread([this, settled](const std::stop_token& stop) {
    auto found = read(settled, stop);
    {
      const std::scoped_lock lock(mutex_);
      read_ = std::move(found);
    }
    wake_();
  });
}

Result<Findings> Reconciler::read(Sequence settled, const std::stop_token& stop) const {
  auto retained = read_retained_targets(options_.broker, stop);
  if (!retained) return tl::unexpected(retained.error());
  // Only now: whatever the broker sent, the log had it before.
  const Reader reader(store_);
  return compare(std::move(*retained),
                 {.epoch = options_.epoch, .settled = settled, .head = reader.position()}, reader);
}

void Reconciler::begin_repairs(Result<Findings> found, bool look_only) {
  if (!found) return fail_all(found.error(), Phase::idle);
  if (look_only) {
    found->publish.clear();
    found->clear.clear();
    found->clear_also.clear();
    found->counts.cleared = 0;
  }
  report_.counts = found->counts;
  newer_ = found->newer;
  repairs_ = Repairs(std::move(*found));
  const std::scoped_lock lock(mutex_);
  phase_ = Phase::repairing;
}

void Reconciler::finish() {
  report_.at = clock_.now();
  report_.seconds = std::chrono::duration<double>(steady_clock::now() - began_).count();
  last_ = report_;
  alarm_ = newer_ ? alarm_about(*newer_, report_.counts.newer) : std::string{};
  repairs_ = Repairs();
  const ReconcileCounts& counts = report_.counts;
  log_info(
      "broker reconciled: retained={} missing={} older={} unreadable={} cleared={} newer={} "
      "seconds={:.1f}",
      counts.retained, counts.missing, counts.older, counts.unreadable, counts.cleared,
      counts.newer, report_.seconds);
  if (!alarm_.empty()) log_error("broker has newer targets: cause=\"{}\"", alarm_);
  ReconcileDone done;
  {
    const std::scoped_lock lock(mutex_);
    done = std::exchange(asked_, nullptr);
    phase_ = Phase::idle;
  }
  if (done) done(report_);
}

void Reconciler::fail_all(const Error& why, Phase after) {
  repairs_ = Repairs();
  ReconcileDone done;
  bool ran = false;
  {
    const std::scoped_lock lock(mutex_);
    done = std::exchange(asked_, nullptr);
    ran = phase_ == Phase::reading || phase_ == Phase::repairing;
    phase_ = after;
  }
  if (ran) {
    log_warn("broker not reconciled: cause=\"{}\"", why.message);
    due_ = std::min(due_, steady_clock::now() + again_after);
  }
  if (done) done(tl::unexpected(why));
}

}  // namespace muster
