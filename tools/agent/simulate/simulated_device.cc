#include "tools/agent/simulate/simulated_device.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/base/uuid.h"
#include "tools/agent/host/simulated_os.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;
using Kind = SimulatedDue::Kind;

constexpr std::chrono::milliseconds reconnect_first = 200ms;
constexpr std::chrono::milliseconds reconnect_longest = 30s;
constexpr unsigned doublings_max = 8;
constexpr auto stable_after = 10s;  // A connection that held this long resets the back-off.
constexpr std::chrono::seconds keep_alive = 60s;
constexpr std::chrono::milliseconds ping_every = 45s;

constexpr int off_steps = 10;  // One that shut down is switched on again after so many steps' time.

constexpr std::uint16_t subscription_id = Uplink::id_max + 1;

/// Distinct for each device of each seed.
std::uint32_t seed_of(std::uint64_t seed, std::size_t index) {
  std::seed_seq mixed{seed, seed >> 32U, std::uint64_t{index}};
  std::uint32_t out = 0;
  mixed.generate(&out, &out + 1);
  return out;
}

}  // namespace

SimulatedDevice::SimulatedDevice(std::size_t index, SimulationParts& parts)
    : index_(index),
      parts_(parts),
      random_(seed_of(parts.options.seed, index)),
      boot_(to_string(random_uuid())),
      os_version_(parts.options.os_version) {
  begin_life();
}

void SimulatedDevice::connect() {
  if (stage_ != Stage::away || is_off_) return;
  ++connection_number_;
  session_ = to_string(random_uuid());
  auto opened = mqtt::Connection::open(parts_.broker);
  if (!opened) {
    ++parts_.counts.refused;
    plan_reconnect();
    return;
  }
  connection_.emplace(std::move(*opened));
  stage_ = Stage::connecting;
  ++parts_.connecting;
  settle(connection_->send(
      mqtt::connect_packet({.client_id = credentials().client_id,
                            .username = credentials().username,
                            .password = credentials().password,
                            .will = mqtt::Will{up_topic(credentials().uuid, UpKind::presence),
                                               encode_death(session_, encoding())},
                            .keep_alive_s = static_cast<std::uint16_t>(keep_alive.count())})));
}

void SimulatedDevice::on_ready() {
  if (!connection_) return;
  auto done = connection_->flush();
  if (done) done = connection_->receive([this](const auto& packet) { return take(packet); });
  settle(done);
}

void SimulatedDevice::on_due(const SimulatedDue& due) {
  switch (due.kind) {
    case Kind::machine:
      if (due.life == life_) settle(feed(TimerFired{due.id}));
      break;
    case Kind::reconnect:
      parts_.to_connect.push_back(index_);
      break;
    case Kind::step_end:
      if (due.id == last_step_) end_step();
      break;
    case Kind::deed_end:
      if (due.id == last_deed_) end_deed();
      break;
    case Kind::crash:
      if (due.life == life_) crash();
      break;
    case Kind::power_on:
      is_off_ = false;
      begin_life();
      plan_reconnect();
      break;
    case Kind::ping:
      if (due.id == connection_number_ && connection_) settle(ping());
      break;
    case Kind::disconnect:
      if (due.id == connection_number_ && connection_) drop("a simulated break");
      break;
  }
}

Result<void> SimulatedDevice::take(const mqtt::Packet& packet) {
  switch (packet.type) {
    case mqtt::PacketType::connack:
      return take_connack(packet);
    case mqtt::PacketType::suback:
      return take_suback(packet);
    case mqtt::PacketType::publish:
      return take_publish(packet);
    case mqtt::PacketType::puback:
      return take_puback(packet);
    case mqtt::PacketType::pingresp:
      ping_unanswered_ = false;
      return {};
    default:
      return {};
  }
}

Result<void> SimulatedDevice::take_connack(const mqtt::Packet& packet) {
  const auto code = mqtt::read_connack(packet);
  if (!code) return tl::unexpected(code.error());
  if (*code != 0) return fail(ErrorCode::invalid_input, "the broker refuses its credentials");
  const auto filters = device_filters(credentials().uuid);
  return connection_->send(mqtt::subscribe_packet(subscription_id, filters));
}

Result<void> SimulatedDevice::take_suback(const mqtt::Packet& packet) {
  const auto taken = mqtt::read_suback(packet);
  if (!taken) return tl::unexpected(taken.error());
  if (!*taken) return fail(ErrorCode::invalid_input, "the broker refuses a subscription");
  stage_ = Stage::connected;
  --parts_.connecting;
  ++parts_.counts.connected;
  if (connection_number_ > 1) ++parts_.counts.reconnects;
  up_since_ = SteadyClock::now();
  plan(draw(0ms, ping_every), Kind::ping, connection_number_);
  uplink_.open();
  plan_by_chance(parts_.options.disconnect_rate, Kind::disconnect, connection_number_);
  return feed(Connected{});
}

Result<void> SimulatedDevice::take_publish(const mqtt::Packet& packet) {
  auto message = mqtt::read_publish(packet);
  if (!message) return tl::unexpected(message.error());
  if (message->id) {
    if (auto sent = connection_->send(mqtt::puback_packet(*message->id)); !sent) return sent;
  }
  if (message->topic == bridge_topic) return feed(BridgeSeen{std::move(message->payload)});
  if (message->topic == action_topic(credentials().uuid)) {
    return feed(ActionReceived{std::move(message->payload)});
  }
  if (message->topic == cancel_topic(credentials().uuid)) {
    return feed(CancelReceived{std::move(message->payload)});
  }
  if (message->topic != target_topic(credentials().uuid)) return {};
  ++parts_.counts.targets;
  return feed(TargetReceived{std::move(message->payload)});
}

Result<void> SimulatedDevice::take_puback(const mqtt::Packet& packet) {
  const auto id = mqtt::read_puback(packet);
  if (!id) return tl::unexpected(id.error());
  return uplink_.on_delivered(*id) ? feed(AcksDelivered{}) : flush();
}

Result<void> SimulatedDevice::ping() {
  if (ping_unanswered_) return fail(ErrorCode::unavailable, "the broker does not answer");
  ping_unanswered_ = true;
  plan(ping_every, Kind::ping, connection_number_);
  return connection_->send(mqtt::pingreq_packet());
}

void SimulatedDevice::settle(const Result<void>& done) {
  if (!done && connection_) drop(done.error().message);
}

/// Without a goodbye, so that the broker sends the will.
void SimulatedDevice::drop(const std::string& reason) {
  log_debug("simulated device lost its connection: device={} cause=\"{}\"",
            to_string(credentials().uuid), reason);
  const bool was_connected = stage_ == Stage::connected;
  leave();
  if (was_connected) settle(feed(Lost{reason}));
  plan_reconnect();
}

void SimulatedDevice::leave() {
  connection_.reset();
  uplink_.close();
  ping_unanswered_ = false;
  const auto stage = std::exchange(stage_, Stage::away);
  if (stage == Stage::connected) {
    --parts_.counts.connected;
    if (std::exchange(on_target_, false)) --parts_.counts.on_target;
    if (SteadyClock::now() - up_since_ >= stable_after) attempts_ = 0;
  } else if (stage == Stage::connecting) {
    --parts_.connecting;
    ++parts_.counts.refused;
  }
}

void SimulatedDevice::plan_reconnect() {
  const auto longest =
      std::min(reconnect_longest, reconnect_first * (1U << std::min(attempts_, doublings_max)));
  ++attempts_;
  plan(draw(longest / 2, longest), Kind::reconnect, 0);
}

Result<void> SimulatedDevice::feed(const DeviceInput& input) {
  for (const auto& output : device_->handle(input)) perform(output);
  if (std::exchange(services_asked_, false)) return feed(ServicesReady{});
  return flush();
}

void SimulatedDevice::perform(const DeviceOutput& output) {
  std::visit(Overloaded{[&](const Warn&) { ++parts_.counts.unusable; },
                        [&](const SaveState& save) { saved_ = save.state; },
                        [&](const PublishBirth&) { say_birth(); },
                        [&](const PublishState& publish) {
                          note(publish.report);
                          uplink_.say_state(encode_state(publish.report, encoding()));
                        },
                        [&](const PublishAck& publish) {
                          uplink_.say_ack(encode_ack(publish.ack, encoding()));
                        },
                        [&](const StartStep&) { start_step(); },
                        [&](const CancelStep&) {
                          step_cancelled_ = true;
                          plan(0ms, Kind::step_end, last_step_);
                        },
                        [&](const StartDeed& start) { start_deed(start); },
                        [&](const RunServices&) { services_asked_ = true; },
                        [&](const ScheduleTimer& timer) {
                          plan(draw(timer.at_least, timer.at_most), Kind::machine, timer.id);
                        },
                        [](const Change&) {}, [](const ActionChange&) {}},
             output);
}

void SimulatedDevice::say_birth() {
  const auto& options = parts_.options;
  uplink_.say_birth(encode_birth(
      {session_, boot_, os_version_, options.os_variant, options.agent_version, said_encoding()}));
}

void SimulatedDevice::start_step() {
  const auto latency = parts_.options.latency;
  step_cancelled_ = false;
  plan(draw(latency / 2, latency + latency / 2), Kind::step_end, ++last_step_);
}

void SimulatedDevice::end_step() {
  ++last_step_;  // The timer of a step that was cancelled is still to come.
  constexpr int failure_code = 1;
  if (step_cancelled_) {
    settle(feed(StepFinished{failure_code, "abandoned"}));
  } else if (draw() < parts_.options.failure_rate) {
    ++parts_.counts.failures;
    settle(feed(StepFinished{failure_code, "a simulated failure"}));
  } else {
    ++parts_.counts.steps;
    settle(feed(StepFinished{}));
  }
}

void SimulatedDevice::start_deed(const StartDeed& start) {
  const auto latency = parts_.options.latency;
  deed_ = start.action;
  plan(draw(latency / 2, latency + latency / 2), Kind::deed_end, ++last_deed_);
}

void SimulatedDevice::end_deed() {
  constexpr int failure_code = 1;
  const Action action = *std::exchange(deed_, std::nullopt);
  if (draw() < parts_.options.failure_rate) {
    ++parts_.counts.failures;
    settle(feed(DeedFinished{failure_code, "a simulated failure"}));
  } else {
    take_effect(action);
  }
}

void SimulatedDevice::take_effect(const Action& action) {
  ++parts_.counts.actions;
  if (auto added = parts_.ledger.add(credentials().uuid, action, boot_); !added) {
    log_error("effect not in the ledger: why=\"{}\"", added.error().message);
  }
  if (action.kind == ActionKind::reboot) {
    leave();
    boot_ = to_string(random_uuid());
    begin_life();
    plan_reconnect();
  } else if (action.kind == ActionKind::shutdown) {
    leave();
    boot_ = to_string(random_uuid());
    is_off_ = true;
    ++life_;
    plan(off_steps * parts_.options.latency, Kind::power_on, 0);
  } else {
    if (action.kind == ActionKind::os_update) {
      os_version_ = wanted_os_version(action).value_or(os_version_);
      say_birth();
    }
    settle(feed(DeedFinished{}));
  }
}

/// The device's program ends in the middle of whatever it does, and starts again.
void SimulatedDevice::crash() {
  ++parts_.counts.crashes;
  leave();
  begin_life();
  plan_reconnect();
}

/// With what is written down, and nothing else.
void SimulatedDevice::begin_life() {
  ++life_;
  ++last_step_;
  ++last_deed_;
  attempts_ = 0;
  deed_.reset();
  step_cancelled_ = services_asked_ = false;
  device_.emplace(saved_, boot_);
  static_cast<void>(feed(Started{}));  // There is nobody yet to say anything to.
  plan_by_chance(parts_.options.crash_rate, Kind::crash, 0);
}

/// Counts whether what it has reported is what it should be.
void SimulatedDevice::note(const StateReport& report) {
  const bool has_target = report.position.seq > 0;
  const bool settled = report.status == Status::done || report.status == Status::idle;
  const bool was = std::exchange(on_target_, has_target && settled);
  if (on_target_ && !was) ++parts_.counts.on_target;
  if (!on_target_ && was) --parts_.counts.on_target;
}

Result<void> SimulatedDevice::flush() {
  return uplink_.flush([this](UpKind kind, std::string payload, DeliveryId id) {
    return connection_->send(mqtt::publish_packet({.topic = up_topic(credentials().uuid, kind),
                                                   .payload = std::move(payload),
                                                   .id = static_cast<std::uint16_t>(id),
                                                   .retain = false}));
  });
}

const DeviceCredentials& SimulatedDevice::credentials() const {
  return parts_.options.devices[index_];
}

std::optional<Encoding> SimulatedDevice::said_encoding() const {
  return parts_.options.encoding ? parts_.options.encoding : credentials().encoding;
}

void SimulatedDevice::plan(std::chrono::milliseconds delay, Kind kind, std::uint64_t id) {
  parts_.timers.add(SteadyClock::now() + delay, SimulatedDue{index_, kind, id, life_});
}

/// At a moment such that it happens so often on the average. Never, if the rate is 0.
void SimulatedDevice::plan_by_chance(double rate_an_hour, Kind kind, std::uint64_t id) {
  if (rate_an_hour <= 0) return;
  using Hours = std::chrono::duration<double, std::ratio<3600>>;
  const auto time = std::min(Hours(-std::log(1.0 - draw()) / rate_an_hour), Hours(1'000));
  plan(std::chrono::duration_cast<std::chrono::milliseconds>(time), kind, id);
}

double SimulatedDevice::draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }

std::chrono::milliseconds SimulatedDevice::draw(std::chrono::milliseconds least,
                                                std::chrono::milliseconds most) {
  std::uniform_int_distribution<std::int64_t> range(least.count(), most.count());
  return std::chrono::milliseconds(range(random_));
}

}  // namespace muster::agent
