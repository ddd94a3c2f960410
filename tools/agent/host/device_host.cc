#include "tools/agent/host/device_host.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "tools/agent/host/change_printer.h"
#include "tools/agent/host/simulated_os.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds reconnect_first = 200ms;
constexpr std::chrono::milliseconds reconnect_longest = 30s;
constexpr auto stable_after = 10s;  // A connection that held this long resets the back-off.
constexpr auto look_every = 250ms;
constexpr std::size_t locks_max = 64;

/// What may be done, or said, only when it is written down what it follows from.
bool must_follow_save(const DeviceOutput& output) {
  return std::visit(
      Overloaded{[](const PublishAck&) { return true; }, [](const StartStep&) { return true; },
                 [](const StartDeed&) { return true; }, [](const RunServices&) { return true; },
                 [](const auto&) { return false; }},
      output);
}

}  // namespace

DeviceHost::DeviceHost(std::size_t index, Surroundings& around, std::filesystem::path folder)
    : index_(index),
      around_(around),
      credentials_(around.options.devices[index]),
      folder_(std::move(folder)),
      file_(folder_),
      boot_id_(around.options.boot_id.value_or(to_string(random_uuid()))),
      os_version_(simulated_os_version(folder_, around.options)),
      supervisor_({.device = credentials_.uuid,
                   .folder = folder_,
                   .has_volumes = has_named_volumes(os_version_),
                   .stop_grace = around.options.stop_grace}) {}

Result<void> DeviceHost::start() {
  auto stored = file_.load();
  if (!stored) return tl::unexpected(stored.error());
  device_.emplace(std::move(*stored), boot_id_);
  workshop_.emplace(around_, index_, ++boots_, folder_, supervisor_);
  locks_ = present_locks();
  feed(Started{locks_});
  look();
  connect();
  return {};
}

void DeviceHost::on_event(Event event) {
  const bool is_late = event.link != 0 ? event.link != link_number_ : event.boot != boots_;
  if (is_late) return;
  std::visit([this](auto& what) { on(std::move(what)); }, event.what);
}

void DeviceHost::on_due(const Due& due) {
  if (due.boot != boots_) return;
  switch (due.kind) {
    case DueKind::machine:
      feed(TimerFired{due.id});
      break;
    case DueKind::reconnect:
      connect();
      break;
    case DueKind::step_end:
      workshop_->end_step(due.id);
      break;
    case DueKind::look:
      look();
      break;
    case DueKind::boot:
      boot();
      break;
  }
}

void DeviceHost::on(LinkUp up) {
  if (lost_link_ == link_number_) {  // Before we heard that it was there.
    around_.connector.close(std::move(up.link));
    plan_reconnect();
    return;
  }
  link_ = std::move(up.link);
  uplink_.open();
  up_since_ = SteadyClock::now();
  last_refusal_.clear();
  feed(Connected{});
}

void DeviceHost::on(const LinkFailed& failure) {
  if (failure.error.message != std::exchange(last_refusal_, failure.error.message)) {
    log_warn("cannot connect, trying on: device={} why=\"{}\"", to_string(credentials_.uuid),
             failure.error.message);
  }
  plan_reconnect();
}

void DeviceHost::on(const LinkLost& loss) {
  lost_link_ = link_number_;
  drop_link(loss.reason);
}

void DeviceHost::on(MqttMessage message) {
  if (message.topic == target_topic(credentials_.uuid)) {
    feed(TargetReceived{std::move(message.payload)});
  } else if (message.topic == action_topic(credentials_.uuid)) {
    feed(ActionReceived{std::move(message.payload)});
  } else if (message.topic == cancel_topic(credentials_.uuid)) {
    feed(CancelReceived{std::move(message.payload)});
  } else if (message.topic == bridge_topic) {
    feed(BridgeSeen{std::move(message.payload)});
  } else {
    log_debug("message ignored: device={} topic={}", to_string(credentials_.uuid), message.topic);
  }
}

void DeviceHost::on(const Delivered& delivered) {
  if (uplink_.on_delivered(delivered.id)) feed(AcksDelivered{});
  flush();
}

void DeviceHost::on(const DeedFinished& finished) {
  const auto simulated = workshop_->simulated_deed();
  const auto kind = simulated ? simulated->kind : std::nullopt;
  const bool leaves = kind == ActionKind::reboot || kind == ActionKind::shutdown;
  if (leaves && finished.code == 0) {
    go_down(*kind);
    return;
  }
  if (kind == ActionKind::os_update && finished.code == 0) take_os_version(*simulated);
  feed(finished);
}

void DeviceHost::feed(const DeviceInput& input) {
  for (const auto& output : device_->handle(input)) perform_or_hold(output);
  flush();
}

void DeviceHost::perform_or_hold(const DeviceOutput& output) {
  if (unsaved_ && must_follow_save(output)) {
    held_.push_back(output);
  } else {
    std::visit([this](const auto& one) { perform(one); }, output);
  }
}

void DeviceHost::perform(const Warn& output) {
  log_warn("device: device={} {}", to_string(credentials_.uuid), output.text);
}

void DeviceHost::perform(const SaveState& output) {
  unsaved_ = output.state;
  save();
}

void DeviceHost::perform(const PublishBirth& /*output*/) {
  if (!link_) return;
  const auto& options = around_.options;
  uplink_.say_birth(encode_birth({link_->session(), boot_id_, os_version_, options.os_variant,
                                  options.agent_version, said_encoding()}));
}

void DeviceHost::perform(const PublishState& output) {
  uplink_.say_state(encode_state(output.report, encoding()));
}

void DeviceHost::perform(const PublishAck& output) {
  uplink_.say_ack(encode_ack(output.ack, encoding()));
}

void DeviceHost::perform(const ScheduleTimer& output) {
  plan(draw(output.at_least, output.at_most), DueKind::machine, output.id);
}

void DeviceHost::perform(const Change& output) {
  const auto& options = around_.options;
  const auto line = options.json ? change_json(credentials_.uuid, output, SystemClock().now())
                                 : change_line(credentials_.uuid, output);
  options.print(line);
}

void DeviceHost::perform(const ActionChange& output) {
  const auto& options = around_.options;
  const auto line = options.json ? change_json(credentials_.uuid, output, SystemClock().now())
                                 : change_line(credentials_.uuid, output);
  options.print(line);
}

std::optional<Encoding> DeviceHost::said_encoding() const {
  return around_.options.encoding ? around_.options.encoding : credentials_.encoding;
}

void DeviceHost::connect() {
  LinkPlan plan{index_, ++link_number_, to_string(random_uuid()), {}, {}};
  plan.mqtt.host = around_.options.mqtt_host;
  plan.mqtt.port = around_.options.mqtt_port;
  plan.mqtt.tls = around_.options.tls;
  plan.mqtt.client_id = credentials_.client_id;
  plan.mqtt.username = credentials_.username;
  plan.mqtt.password = credentials_.password;
  plan.mqtt.will = MqttMessage{up_topic(credentials_.uuid, UpKind::presence),
                               encode_death(plan.session, encoding()), false};
  plan.filters = device_filters(credentials_.uuid);
  around_.connector.open(std::move(plan));
}

void DeviceHost::drop_link(const std::string& reason) {
  if (!link_) return;
  close_link();
  if (SteadyClock::now() - up_since_ >= stable_after) attempts_ = 0;
  feed(Lost{reason});
  plan_reconnect();
}

/// What it still says is late news.
void DeviceHost::close_link() {
  ++link_number_;
  uplink_.close();
  if (link_) around_.connector.close(std::move(link_));
}

void DeviceHost::plan_reconnect() {
  constexpr int doublings_max = 8;
  const auto longest =
      std::min(reconnect_longest, reconnect_first * (1 << std::min(attempts_, doublings_max)));
  ++attempts_;
  plan(draw(longest / 2, longest), DueKind::reconnect, 0);
}

void DeviceHost::flush() {
  const auto send = [this](UpKind kind, std::string payload, DeliveryId id) {
    return link_->publish({up_topic(credentials_.uuid, kind), std::move(payload), false}, id);
  };
  if (const auto sent = uplink_.flush(send); !sent) {
    around_.events.push(Event{index_, link_number_, LinkLost{sent.error().message}});
  }
}

void DeviceHost::look() {
  if (unsaved_) save();
  if (!unsaved_) {
    for (const auto& output : std::exchange(held_, {})) perform_or_hold(output);
    flush();
  }
  if (auto locks = present_locks(); locks != locks_) {
    locks_ = std::move(locks);
    feed(LocksChanged{locks_});
  }
  if (uplink_.is_stuck()) drop_link("the broker does not answer");
  plan(look_every, DueKind::look, 0);
}

void DeviceHost::save() {
  const auto saved = file_.save(*unsaved_);
  if (saved) {
    unsaved_.reset();
  } else {
    log_error("device state not saved, trying on: why=\"{}\"", saved.error().message);
  }
}

/// A simulated reboot or shutdown: without a goodbye, as if the power went.
void DeviceHost::go_down(ActionKind kind) {
  log_info("device goes down: device={} for={}", to_string(credentials_.uuid), to_string(kind));
  close_link();
  workshop_.reset();
  supervisor_.halt();
  ++boots_;  // What was under way is late news.
  is_off_ = kind == ActionKind::shutdown;
  if (!is_off_) plan(around_.options.step_time, DueKind::boot, 0);
}

void DeviceHost::boot() {
  boot_id_ = to_string(random_uuid());
  attempts_ = 0;
  held_.clear();
  unsaved_.reset();
  if (const auto started = start(); !started) {
    log_error("device does not boot: why=\"{}\"", started.error().message);
    is_off_ = true;
  }
}

/// A simulated update of the OS: the device says the version from now on.
void DeviceHost::take_os_version(const Action& update) {
  os_version_ = update_simulated_os(folder_, update, os_version_);
  perform(PublishBirth{});
}

std::vector<std::string> DeviceHost::present_locks() const {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder_ / "locks", error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    auto name = entry->path().filename().string();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  if (names.size() > locks_max) names.resize(locks_max);
  return names;
}

void DeviceHost::plan(std::chrono::milliseconds delay, DueKind kind, std::uint64_t id) {
  around_.timers.add(SteadyClock::now() + delay, Due{index_, boots_, kind, id});
}

std::chrono::milliseconds DeviceHost::draw(std::chrono::milliseconds least,
                                           std::chrono::milliseconds most) {
  std::uniform_int_distribution<std::int64_t> range(least.count(), most.count());
  return std::chrono::milliseconds(range(around_.random));
}

}  // namespace muster::agent
