#include "tools/agent/device_host.h"

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "tools/agent/change_printer.h"
#include "tools/agent/hook/hooks.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds reconnect_first = 200ms;
constexpr std::chrono::milliseconds reconnect_longest = 30s;
constexpr auto stable_after = 10s;  // A connection that held this long resets the back-off.
constexpr auto delivery_max = 30s;  // A broker that is alive answers a publish in this time.
constexpr auto look_every = 250ms;
constexpr std::size_t locks_max = 64;

}  // namespace

DeviceHost::DeviceHost(std::size_t index, Surroundings& around, std::filesystem::path folder)
    : index_(index),
      around_(around),
      credentials_(around.options.devices[index]),
      folder_(std::move(folder)),
      file_(folder_),
      boot_(around.options.boot_id.value_or(to_string(random_uuid()))) {}

Result<void> DeviceHost::start() {
  auto stored = file_.load();
  if (!stored) return tl::unexpected(stored.error());
  device_.emplace(std::move(*stored), boot_);
  locks_ = present_locks();
  feed(Started{locks_});
  look();
  connect();
  return {};
}

void DeviceHost::on_event(Event event) {
  if (event.link != 0 && event.link != link_number_) return;  // Of an earlier connection.
  std::visit([this](auto& what) { on(std::move(what)); }, event.what);
}

void DeviceHost::on_due(const Due& due) {
  switch (due.kind) {
    case DueKind::machine:
      feed(TimerFired{due.id});
      break;
    case DueKind::reconnect:
      connect();
      break;
    case DueKind::step_end:
      if (due.id == simulated_step_) on(StepFinished{});
      break;
    case DueKind::look:
      look();
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
  up_since_ = SteadyClock::now();
  birth_in_flight_ = state_in_flight_ = false;
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
  } else if (message.topic == bridge_topic) {
    feed(BridgeSeen{std::move(message.payload)});
  } else {
    log_debug("message ignored: device={} topic={}", to_string(credentials_.uuid), message.topic);
  }
}

void DeviceHost::on(const Delivered& delivered) {
  (delivered.id == birth_id ? birth_in_flight_ : state_in_flight_) = false;
  flush();
}

void DeviceHost::on(const StepProgressed& progress) { feed(progress); }

void DeviceHost::on(const StepFinished& finished) {
  simulated_step_ = 0;
  if (worker_.joinable()) worker_.join();
  feed(finished);
}

void DeviceHost::feed(const DeviceInput& input) {
  for (const auto& output : device_->handle(input)) {
    std::visit([this](const auto& one) { perform(one); }, output);
  }
  flush();
}

void DeviceHost::perform(const Warn& output) {
  log_warn("device: device={} {}", to_string(credentials_.uuid), output.text);
}

void DeviceHost::perform(const SaveState& output) {
  unsaved_ = output.state;
  save();
}

void DeviceHost::perform(const PublishBirth& /*output*/) { birth_wanted_ = true; }

void DeviceHost::perform(const PublishState& output) { state_wanted_ = output.report; }

void DeviceHost::perform(const StartStep& output) {
  const auto& options = around_.options;
  if (options.hook.empty()) {
    simulated_step_ = ++last_step_;
    plan(options.step_time, DueKind::step_end, simulated_step_);
    return;
  }
  const HookOptions hook{options.hook, options.hook_time_max};
  const StepJob job{credentials_.uuid, folder_, output};
  auto& events = around_.events;
  worker_ = std::jthread([hook, job, &events, index = index_](const std::stop_token& stop) {
    const auto progress = [&events, index](int percent) {
      events.push(Event{index, 0, StepProgressed{percent}});
    };
    events.push(Event{index, 0, run_hook(hook, job, progress, stop)});
  });
}

void DeviceHost::perform(const CancelStep& /*output*/) {
  if (std::exchange(simulated_step_, 0) != 0) {
    around_.events.push(Event{index_, 0, StepFinished{1, "abandoned"}});
  }
  worker_.request_stop();
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

std::optional<Encoding> DeviceHost::said_encoding() const {
  return around_.options.encoding ? around_.options.encoding : credentials_.encoding;
}

void DeviceHost::connect() {
  LinkPlan plan{index_, ++link_number_, to_string(random_uuid()), {}, {}};
  plan.mqtt.host = around_.options.mqtt_host;
  plan.mqtt.port = around_.options.mqtt_port;
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
  ++link_number_;  // What the old one still says is late news.
  around_.connector.close(std::move(link_));
  if (SteadyClock::now() - up_since_ >= stable_after) attempts_ = 0;
  feed(Lost{reason});
  plan_reconnect();
}

void DeviceHost::plan_reconnect() {
  constexpr int doublings_max = 8;
  const auto longest =
      std::min(reconnect_longest, reconnect_first * (1 << std::min(attempts_, doublings_max)));
  ++attempts_;
  plan(draw(longest / 2, longest), DueKind::reconnect, 0);
}

void DeviceHost::flush() {
  if (!link_) {
    birth_wanted_ = false;
    state_wanted_.reset();
    return;
  }
  const auto& options = around_.options;
  if (birth_wanted_ && !birth_in_flight_) {
    birth_wanted_ = false;
    birth_in_flight_ =
        send(UpKind::presence,
             encode_birth({link_->session(), boot_, options.os_version, options.os_variant,
                           options.agent_version, said_encoding()}),
             birth_id);
  }
  if (state_wanted_ && !birth_wanted_ && !state_in_flight_) {
    const auto report = *std::exchange(state_wanted_, std::nullopt);
    state_in_flight_ = send(UpKind::state, encode_state(report, encoding()), state_id);
  }
}

/// False if the connection is gone.
bool DeviceHost::send(UpKind kind, const std::string& payload, DeliveryId id) {
  in_flight_since_ = SteadyClock::now();
  const auto sent =
      link_->publish(MqttMessage{up_topic(credentials_.uuid, kind), payload, false}, id);
  if (!sent) around_.events.push(Event{index_, link_number_, LinkLost{sent.error().message}});
  return sent.has_value();
}

void DeviceHost::look() {
  if (unsaved_) save();
  if (auto locks = present_locks(); locks != locks_) {
    locks_ = std::move(locks);
    feed(LocksChanged{locks_});
  }
  const bool is_waiting = birth_in_flight_ || state_in_flight_;
  if (is_waiting && SteadyClock::now() - in_flight_since_ > delivery_max) {
    drop_link("the broker does not answer");
  }
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
  around_.timers.add(SteadyClock::now() + delay, Due{index_, kind, id});
}

std::chrono::milliseconds DeviceHost::draw(std::chrono::milliseconds least,
                                           std::chrono::milliseconds most) {
  std::uniform_int_distribution<std::int64_t> range(least.count(), most.count());
  return std::chrono::milliseconds(range(around_.random));
}

}  // namespace muster::agent
