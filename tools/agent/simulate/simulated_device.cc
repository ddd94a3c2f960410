#include "tools/agent/simulate/simulated_device.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/base/uuid.h"

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

constexpr std::uint16_t birth_id = 1;
constexpr std::uint16_t state_id = 2;
constexpr std::uint16_t subscription_id = 3;

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
      device_(DeviceState{}, boot_) {
  for (const auto& output : device_.handle(Started{})) perform(output);
}

void SimulatedDevice::connect() {
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
      settle(feed(TimerFired{due.id}));
      break;
    case Kind::reconnect:
      parts_.to_connect.push_back(index_);
      break;
    case Kind::step_end:
      if (due.id == last_step_) end_step();
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
  if (parts_.options.disconnect_rate > 0) {
    const double hours = -std::log(1.0 - draw()) / parts_.options.disconnect_rate;
    const auto longest = std::chrono::hours{1'000};
    plan(std::chrono::duration_cast<std::chrono::milliseconds>(
             std::min(std::chrono::duration<double, std::ratio<3600>>(hours),
                      std::chrono::duration<double, std::ratio<3600>>(longest))),
         Kind::disconnect, connection_number_);
  }
  return feed(Connected{});
}

Result<void> SimulatedDevice::take_publish(const mqtt::Packet& packet) {
  auto message = mqtt::read_publish(packet);
  if (!message) return tl::unexpected(message.error());
  if (message->id) {
    if (auto sent = connection_->send(mqtt::puback_packet(*message->id)); !sent) return sent;
  }
  if (message->topic == bridge_topic) return feed(BridgeSeen{std::move(message->payload)});
  if (message->topic != target_topic(credentials().uuid)) return {};
  ++parts_.counts.targets;
  return feed(TargetReceived{std::move(message->payload)});
}

Result<void> SimulatedDevice::take_puback(const mqtt::Packet& packet) {
  const auto id = mqtt::read_puback(packet);
  if (!id) return tl::unexpected(id.error());
  if (*id == birth_id) birth_in_flight_ = false;
  if (*id == state_id) state_in_flight_ = false;
  return flush();
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
  connection_.reset();
  birth_in_flight_ = state_in_flight_ = ping_unanswered_ = false;
  if (stage_ == Stage::connected) {
    --parts_.counts.connected;
    if (std::exchange(on_target_, false)) --parts_.counts.on_target;
    if (SteadyClock::now() - up_since_ >= stable_after) attempts_ = 0;
  } else {
    --parts_.connecting;
    ++parts_.counts.refused;
  }
  if (std::exchange(stage_, Stage::away) == Stage::connected) settle(feed(Lost{reason}));
  plan_reconnect();
}

void SimulatedDevice::plan_reconnect() {
  const auto longest =
      std::min(reconnect_longest, reconnect_first * (1U << std::min(attempts_, doublings_max)));
  ++attempts_;
  plan(draw(longest / 2, longest), Kind::reconnect, 0);
}

Result<void> SimulatedDevice::feed(const DeviceInput& input) {
  for (const auto& output : device_.handle(input)) perform(output);
  return flush();
}

void SimulatedDevice::perform(const DeviceOutput& output) {
  std::visit(Overloaded{[&](const Warn&) { ++parts_.counts.unusable; },
                        [](const SaveState&) {},  // What it knows is in memory.
                        [&](const PublishBirth&) { birth_wanted_ = true; },
                        [&](const PublishState& publish) { state_wanted_ = publish.report; },
                        [&](const StartStep&) { start_step(); },
                        [&](const CancelStep&) {
                          step_cancelled_ = true;
                          plan(0ms, Kind::step_end, last_step_);
                        },
                        [&](const ScheduleTimer& timer) {
                          plan(draw(timer.at_least, timer.at_most), Kind::machine, timer.id);
                        },
                        [](const Change&) {}},
             output);
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

/// Counts whether what it has reported is what it should be.
void SimulatedDevice::note(const StateReport& report) {
  const bool has_target = report.position.seq > 0;
  const bool settled = report.status == Status::done || report.status == Status::idle;
  const bool was = std::exchange(on_target_, has_target && settled);
  if (on_target_ && !was) ++parts_.counts.on_target;
  if (!on_target_ && was) --parts_.counts.on_target;
}

Result<void> SimulatedDevice::flush() {
  if (stage_ != Stage::connected) {
    birth_wanted_ = false;
    state_wanted_.reset();
    return {};
  }
  const auto& options = parts_.options;
  if (birth_wanted_ && !birth_in_flight_) {
    birth_wanted_ = false;
    birth_in_flight_ = true;
    auto sent = publish(UpKind::presence,
                        encode_birth({session_, boot_, options.os_version, options.os_variant,
                                      options.agent_version, said_encoding()}),
                        birth_id);
    if (!sent) return sent;
  }
  if (!state_wanted_ || birth_wanted_ || state_in_flight_) return {};
  const auto report = *std::exchange(state_wanted_, std::nullopt);
  state_in_flight_ = true;
  note(report);
  return publish(UpKind::state, encode_state(report, encoding()), state_id);
}

Result<void> SimulatedDevice::publish(UpKind kind, std::string payload, std::uint16_t id) {
  return connection_->send(mqtt::publish_packet({.topic = up_topic(credentials().uuid, kind),
                                                 .payload = std::move(payload),
                                                 .id = id,
                                                 .retain = false}));
}

const DeviceCredentials& SimulatedDevice::credentials() const {
  return parts_.options.devices[index_];
}

std::optional<Encoding> SimulatedDevice::said_encoding() const {
  return parts_.options.encoding ? parts_.options.encoding : credentials().encoding;
}

void SimulatedDevice::plan(std::chrono::milliseconds delay, Kind kind, std::uint64_t id) {
  parts_.timers.add(SteadyClock::now() + delay, SimulatedDue{index_, kind, id});
}

double SimulatedDevice::draw() { return std::uniform_real_distribution<double>(0, 1)(random_); }

std::chrono::milliseconds SimulatedDevice::draw(std::chrono::milliseconds least,
                                                std::chrono::milliseconds most) {
  std::uniform_int_distribution<std::int64_t> range(least.count(), most.count());
  return std::chrono::milliseconds(range(random_));
}

}  // namespace muster::agent
