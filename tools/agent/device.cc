#include "tools/agent/device.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/assert.h"

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

}  // namespace

Device::Device(DeviceState stored, std::string boot) : state_(std::move(stored)) {
  state_.boot = std::move(boot);
  if (state_.target.empty()) return;
  auto target = parse_target(state_.target);
  if (target) {
    target_ = std::move(*target);
  } else {
    outputs_.emplace_back(Warn{
        fmt::format("stored target unreadable, waiting for it again: {}", target.error().message)});
    state_.target.clear();
  }
}

std::vector<DeviceOutput> Device::handle(const DeviceInput& input) {
  std::visit([this](const auto& one) { on(one); }, input);
  advance();
  report();
  auto outputs = std::exchange(outputs_, {});
  if (std::exchange(must_save_, false)) outputs.insert(outputs.begin(), SaveState{state_});
  return outputs;
}

void Device::on(const Started& input) {
  locks_ = input.locks;
  must_save_ = true;  // The boot is a new one.
}

void Device::on(const Connected& /*input*/) {
  connected_ = true;
  tell(ChangeKind::connected, state_.running);
  announce();
}

void Device::on(const Lost& input) {
  connected_ = false;
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
  target_ = std::move(target);
  must_save_ = true;
  must_report_ = true;
  forget_failures();
  tell(ChangeKind::target, target_->release,
       target_->local_mode ? "local mode: stored, not applied" : "");
}

/// The position stays: a target from before the removal must not come back.
void Device::drop_target() {
  if (!target_) return;
  target_.reset();
  state_.target.clear();
  must_save_ = true;
  forget_failures();
  tell(ChangeKind::target, std::nullopt, "target removed, what runs keeps running");
}

void Device::refuse(const std::string& why) {
  outputs_.emplace_back(Warn{fmt::format("unusable target ignored: {}", why)});
  tell(ChangeKind::rejected, std::nullopt, fmt::format("unusable target: {}", why));
  if (!connected_) return;
  const auto running = state_.running ? state_.running->commit : std::string();
  outputs_.emplace_back(PublishState{
      {state_.position, running, Status::rejected, 0, refused_code, why, locks_, state_.boot}});
}

void Device::on(const BridgeSeen& input) {
  const auto notice = parse_bridge_notice(input.payload);
  if (!notice) {
    outputs_.emplace_back(
        Warn{fmt::format("unusable bridge notice ignored: {}", notice.error().message)});
    return;
  }
  if (!notice->online || notice->instance == bridge_instance_) return;
  bridge_instance_ = notice->instance;
  const auto spread_s = static_cast<std::int64_t>(std::min(notice->spread_s, spread_s_max));
  announce_timer_ = schedule(0ms, std::chrono::seconds(spread_s));
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
    case StepKind::apply:
      state_.running = step.release;
      state_.apply_open = false;
      downloaded_.reset();
      must_save_ = true;
      tell(ChangeKind::running, step.release);
      break;
  }
  failures_ = 0;
}

void Device::fail_step(const Release& release, const StepFinished& input) {
  ++failures_;
  settle(Status::rejected, input.message);
  code_ = input.code;
  tell(ChangeKind::rejected, release, input.message);
  const auto delay = retry_delay(failures_);
  retry_timer_ = schedule(delay, delay);
}

void Device::on(const LocksChanged& input) { locks_ = input.names; }

void Device::on(const TimerFired& input) {
  if (input.id == retry_timer_) {
    retry_timer_.reset();
  } else if (input.id == announce_timer_) {
    announce_timer_.reset();
    announce();
  }
}

const Release* Device::wanted() const {
  if (!target_ || !target_->release || target_->local_mode) return nullptr;
  return &*target_->release;
}

bool Device::runs_well(const Release& release) const {
  return state_.running && same_content(*state_.running, release) && !state_.apply_open;
}

void Device::advance() {
  if (step_) {
    advance_step();
    return;
  }
  const auto* release = wanted();
  if (release == nullptr) {
    const bool is_local = target_ && target_->local_mode;
    settle(Status::idle, is_local ? "local mode: targets are stored, not applied" : "");
  } else if (runs_well(*release)) {
    settle(Status::done);
  } else if (retry_timer_) {
    return;
  } else if (!downloaded_ || !same_content(*downloaded_, *release)) {
    start(StepKind::download, *release);
  } else if (target_->after_action) {
    settle(Status::waiting, fmt::format("waiting for action {}", *target_->after_action));
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
  outputs_.emplace_back(CancelStep{});
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
  if (!is_download) must_save_ = state_.apply_open = true;
  tell(is_download ? ChangeKind::downloading : ChangeKind::applying, release);
  outputs_.emplace_back(
      StartStep{kind, release, state_.running ? state_.running->commit : std::string()});
}

void Device::announce() {
  outputs_.emplace_back(PublishBirth{});
  must_report_ = true;
}

void Device::report() {
  StateReport now{state_.position, state_.running ? state_.running->commit : std::string(),
                  status_,         percent_,
                  code_,           message_,
                  locks_,          state_.boot};
  const bool is_due = std::exchange(must_report_, false) || now != reported_;
  if (!connected_ || !is_due) return;
  outputs_.emplace_back(PublishState{now});
  reported_ = std::move(now);
}

void Device::forget_failures() {
  failures_ = 0;
  retry_timer_.reset();
}

void Device::tell(ChangeKind kind, std::optional<Release> release, std::string message) {
  outputs_.emplace_back(Change{kind, state_.position, std::move(release),
                               target_ ? target_->policy : std::string(), std::move(message)});
}

TimerId Device::schedule(std::chrono::milliseconds at_least, std::chrono::milliseconds at_most) {
  outputs_.emplace_back(ScheduleTimer{++last_timer_, at_least, at_most});
  return last_timer_;
}

std::string_view to_string(StepKind kind) noexcept {
  return kind == StepKind::download ? "download" : "apply";
}

std::string_view to_string(ChangeKind kind) noexcept {
  switch (kind) {
    case ChangeKind::target:
      return "target";
    case ChangeKind::downloading:
      return "downloading";
    case ChangeKind::applying:
      return "applying";
    case ChangeKind::running:
      return "running";
    case ChangeKind::rejected:
      return "rejected";
    case ChangeKind::locked:
      return "locked";
    case ChangeKind::connected:
      return "connected";
    case ChangeKind::lost:
      return "lost";
  }
  return "unknown";
}

}  // namespace muster::agent
