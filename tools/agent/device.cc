#include "tools/agent/device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/assert.h"
#include "tools/agent/services/manifest.h"

namespace muster::agent {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds retry_first = 1s;
constexpr std::chrono::milliseconds retry_longest = 5min;
constexpr std::uint64_t spread_s_max = 3600;
constexpr int refused_code = 400;

std::chrono::milliseconds retry_delay(int failures) {
  auto delay = retry_first;
  for (int i = 1; i < failures && delay < retry_longest; ++i) delay *= 2;
  return std::min(delay, retry_longest);
}

/// Then they start again when it is done, and not before.
bool stops_services(std::optional<ActionKind> kind) {
  return kind == ActionKind::restart || kind == ActionKind::purge;
}

}  // namespace

Device::Device(DeviceState stored, std::string boot)
    : state_(std::move(stored)), desk_(state_.actions, outbox_) {
  state_.boot = std::move(boot);
  if (state_.target.empty()) return;
  auto target = parse_target(state_.target);
  if (target) {
    adopt(std::move(*target));
  } else {
    outbox_.add(Warn{
        fmt::format("stored target unreadable, waiting for it again: {}", target.error().message)});
    state_.target.clear();
  }
}

std::vector<DeviceOutput> Device::handle(const DeviceInput& input) {
  std::visit([this](const auto& one) { on(one); }, input);
  desk_.advance(desk_view());
  advance();
  raise_services();
  report();
  return outbox_.take(state_);
}

void Device::on(const Started& input) {
  locks_ = input.locks;
  outbox_.save_first();  // The boot is a new one.
  desk_.resume(state_.boot);
}

void Device::on(const Connected& /*input*/) {
  connected_ = true;
  tell(ChangeKind::connected, state_.running);
  announce();
  desk_.announce(false);
}

void Device::on(const Lost& input) {
  connected_ = false;
  desk_.on_lost();
  announce_timer_.reset();  // The next connection starts with a birth anyway.
  tell(ChangeKind::lost, state_.running, input.reason);
}

void Device::on(const TargetReceived& input) {
  if (input.payload.empty()) {
    drop_target();
    return;
  }
  auto target = parse_target(input.payload);
  if (!target) {
    refuse(target.error().message);
    return;
  }
  const bool is_known = target->position == state_.position && target_;
  if (target->position < state_.position) return;
  if (is_known) {
    must_report_ = true;
  } else {
    accept(std::move(*target), input.payload);
  }
}

void Device::accept(Target target, const std::string& payload) {
  state_.position = target.position;
  state_.target = payload;
  adopt(std::move(target));
  outbox_.save_first();
  must_report_ = true;
  forget_failures();
  tell(ChangeKind::target, target_->release,
       target_->local_mode ? "local mode: stored, not applied" : "");
}

void Device::adopt(Target target) {
  target_ = std::move(target);
  unusable_.clear();
  if (!target_->release) return;
  const auto services = parse_services(target_->release->manifest);
  if (!services) unusable_ = services.error().message;
}

/// The position stays: a target from before the removal must not come back.
void Device::drop_target() {
  if (!target_) return;
  target_.reset();
  state_.target.clear();
  outbox_.save_first();
  forget_failures();
  tell(ChangeKind::target, std::nullopt, "target removed, what runs keeps running");
}

void Device::refuse(const std::string& why) {
  outbox_.add(Warn{fmt::format("unusable target ignored: {}", why)});
  tell(ChangeKind::rejected, std::nullopt, fmt::format("unusable target: {}", why));
  if (!connected_) return;
  const auto running = state_.running ? state_.running->commit : std::string();
  outbox_.add(PublishState{
      {state_.position, running, Status::rejected, 0, refused_code, why, locks_, state_.boot}});
}

void Device::on(const BridgeSeen& input) {
  const auto notice = parse_bridge_notice(input.payload);
  if (!notice) {
    outbox_.add(Warn{fmt::format("unusable bridge notice ignored: {}", notice.error().message)});
    return;
  }
  if (!notice->online || notice->instance == bridge_instance_) return;
  bridge_instance_ = notice->instance;
  const auto spread_s = static_cast<std::int64_t>(std::min(notice->spread_s, spread_s_max));
  announce_timer_ = outbox_.schedule(0ms, std::chrono::seconds(spread_s));
}

void Device::on(const StepProgressed& input) {
  if (step_ && !step_->cancelled) percent_ = std::clamp(input.percent, 0, 100);
}

void Device::on(const StepFinished& input) {
  MUSTER_ASSERT(step_, "a step can only end after it was started");
  const Step step = *std::exchange(step_, std::nullopt);
  const auto* release = wanted();
  const bool is_wanted = release != nullptr && same_content(*release, step.release);
  if (input.code == 0) {
    finish(step);
  } else if (is_wanted && !step.cancelled) {
    fail_step(step.release, input);
  }
}

void Device::finish(const Step& step) {
  switch (step.kind) {
    case StepKind::download:
      if (!step.cancelled) downloaded_ = step.release;
      break;
    case StepKind::apply: {
      const auto before = std::exchange(state_.running, step.release);
      state_.apply_open = false;
      downloaded_.reset();
      is_switching_ = run_services(before ? &*before : nullptr);
      are_services_down_ = false;
      outbox_.save_first();
      tell(ChangeKind::running, step.release);
      break;
    }
  }
  failures_ = 0;
}

void Device::fail_step(const Release& release, const StepFinished& input) {
  ++failures_;
  settle(Status::rejected, input.message);
  code_ = input.code;
  tell(ChangeKind::rejected, release, input.message);
  const auto delay = retry_delay(failures_);
  retry_timer_ = outbox_.schedule(delay, delay);
}

void Device::on(const LocksChanged& input) { locks_ = input.names; }

void Device::on(const TimerFired& input) {
  if (input.id == retry_timer_) {
    retry_timer_.reset();
  } else if (input.id == announce_timer_) {
    announce_timer_.reset();
    announce();
    desk_.announce(true);
  } else {
    desk_.on_timer(input.id);
  }
}

void Device::on(const ActionReceived& input) {
  const auto action = parse_action(input.payload);
  if (action) {
    desk_.take(*action);
  } else {
    outbox_.add(Warn{fmt::format("unusable action ignored: {}", action.error().message)});
  }
}

void Device::on(const CancelReceived& input) {
  const auto cancel = parse_cancel(input.payload);
  if (cancel) {
    desk_.take(*cancel);
  } else {
    outbox_.add(Warn{fmt::format("unusable cancel ignored: {}", cancel.error().message)});
  }
}

void Device::on(const AcksDelivered& /*input*/) { desk_.on_acks_delivered(); }

void Device::on(const DeedProgressed& input) { desk_.on_progress(input.percent); }

void Device::on(const DeedFinished& input) {
  if (stops_services(desk_.started_kind())) are_services_down_ = true;
  desk_.on_finished(input);
}

void Device::on(const ServicesReady& /*input*/) {
  MUSTER_ASSERT(services_asked_ > 0, "services can only be ready after they were asked for");
  if (--services_asked_ == 0) is_switching_ = false;
}

DeskView Device::desk_view() const {
  return {.is_connected = connected_,
          .is_applying = is_switching_ || (step_ && step_->kind == StepKind::apply),
          .is_downloading = lacks_download(),
          .lock_override = target_ && target_->lock_override,
          .target = state_.position,
          .after_action = target_ ? target_->after_action : std::nullopt,
          .locks = locks_};
}

/// Lets run what the running release has of services; true if it, or the one `before`, has any.
bool Device::run_services(const Release* before) {
  const auto has_services = [](const Release& release) {
    const auto services = parse_services(release.manifest);
    return services && !services->empty();
  };
  const bool is_due = has_services(*state_.running) || (before != nullptr && has_services(*before));
  if (!is_due) return false;
  ++services_asked_;
  outbox_.add(RunServices{*state_.running});
  return true;
}

/// After a start, a restart or a purge. Not before an apply that follows at once, such as that of a
/// move: what ran before would only write into the emptied volumes.
void Device::raise_services() {
  const bool is_applying = step_ && step_->kind == StepKind::apply;
  if (is_applying || stops_services(desk_.started_kind())) return;
  if (std::exchange(are_services_down_, false) && state_.running) run_services(nullptr);
}

const Release* Device::wanted() const {
  if (!target_ || !target_->release || target_->local_mode) return nullptr;
  return &*target_->release;
}

bool Device::lacks_download() const {
  const auto* release = wanted();
  if (release == nullptr || runs_well(*release) || !unusable_.empty()) return false;
  return !downloaded_ || !same_content(*downloaded_, *release);
}

bool Device::runs_well(const Release& release) const {
  return state_.running && same_content(*state_.running, release) && !state_.apply_open;
}

void Device::advance() {
  if (step_) {
    advance_step();
    return;
  }
  if (is_switching_) return;
  const auto* release = wanted();
  if (release == nullptr) {
    const bool is_local = target_ && target_->local_mode;
    settle(Status::idle, is_local ? "local mode: targets are stored, not applied" : "");
  } else if (runs_well(*release)) {
    settle(Status::done);
  } else if (!unusable_.empty()) {
    settle(Status::rejected, unusable_);
    code_ = refused_code;
  } else if (retry_timer_) {
    return;
  } else if (lacks_download()) {
    start(StepKind::download, *release);
  } else if (target_->after_action && !desk_.has_done(*target_->after_action)) {
    settle(Status::waiting, fmt::format("waiting for action {}", *target_->after_action));
  } else if (desk_.is_at_work()) {
    settle(Status::waiting, "an action is under way");
  } else if (!locks_.empty() && !target_->lock_override) {
    if (status_ != Status::locked) {
      tell(ChangeKind::locked, *release, fmt::format("{}", fmt::join(locks_, ", ")));
    }
    settle(Status::locked);
  } else {
    start(StepKind::apply, *release);
  }
}

/// A download that nobody wants any more is given up. An apply is never interrupted half-way.
void Device::advance_step() {
  const auto* release = wanted();
  const bool is_wanted = release != nullptr && same_content(*release, step_->release);
  if (is_wanted || step_->cancelled || step_->kind == StepKind::apply) return;
  step_->cancelled = true;
  outbox_.add(CancelStep{});
}

void Device::settle(Status status, std::string message) {
  constexpr int complete = 100;
  status_ = status;
  percent_ = status == Status::done ? complete : 0;
  code_ = 0;
  message_ = std::move(message);
}

void Device::start(StepKind kind, const Release& release) {
  const bool is_download = kind == StepKind::download;
  settle(is_download ? Status::downloading : Status::applying);
  step_ = Step{kind, release, false};
  if (!is_download) {
    state_.apply_open = true;
    outbox_.save_first();
  }
  tell(is_download ? ChangeKind::downloading : ChangeKind::applying, release);
  outbox_.add(StartStep{kind, release, state_.running ? state_.running->commit : std::string()});
}

void Device::announce() {
  outbox_.add(PublishBirth{});
  must_report_ = true;
}

void Device::report() {
  StateReport now{state_.position, state_.running ? state_.running->commit : std::string(),
                  status_,         percent_,
                  code_,           message_,
                  locks_,          state_.boot};
  const bool is_due = std::exchange(must_report_, false) || now != reported_;
  if (!connected_ || !is_due) return;
  outbox_.add(PublishState{now});
  reported_ = std::move(now);
}

void Device::forget_failures() {
  failures_ = 0;
  retry_timer_.reset();
}

void Device::tell(ChangeKind kind, std::optional<Release> release, std::string message) {
  outbox_.add(Change{kind, state_.position, std::move(release),
                     target_ ? target_->policy : std::string(), std::move(message)});
}

}  // namespace muster::agent
