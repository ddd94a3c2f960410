#include "broker-bridge/bridge_loop.h"

#include <fmt/format.h>

#include <array>
#include <utility>

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/credentials/control_message.h"
#include "core/base/log.h"

// How the bridge's connection begins and ends.

namespace muster {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds answer_timeout{5'000};
constexpr milliseconds goodbye_timeout{1'000};
constexpr milliseconds gate_timeout{60'000};
constexpr std::chrono::seconds presence_grace{10};
constexpr std::size_t system_window = 5;  // Probe, marker, alive, goodbye, and a request.

}  // namespace

/// Until the next attempt to connect.
void Bridge::Loop::pause(const std::stop_token& stop, milliseconds length) {
  const auto until = steady_clock::now() + length;
  while (!stop.stop_requested() && steady_clock::now() < until) {
    inbox_.take_answers(mailbox_->take(until));
  }
}

Result<void> Bridge::Loop::connect() {
  mailbox_->start_anew();
  outbox_.clear();
  dispatcher_.start_anew();
  marker_in_flight_ = false;
  const BridgeStatus gone{.online = false, .instance = {}, .spread_s = options_.spread_s};
  client_ = std::make_unique<MqttClient>(
      MqttOptions{.host = options_.host,
                  .port = options_.port,
                  .client_id = to_string(options_.identity.log),
                  .username = options_.username,
                  .password = options_.password,
                  .will = MqttMessage{.topic = std::string(bridge_topic),
                                      .payload = bridge_payload(options_.identity, gone),
                                      .retain = true},
                  .tls = options_.tls,
                  .in_flight_max = window + system_window + ActionDispatcher::window +
                                   Repairs::clears_in_flight_max},
      *mailbox_);
  if (auto done = client_->connect(answer_timeout); !done) return done;
  // Before anything is heard on this connection.
  parts_.presence.restart(parts_.clock.now(),
                          std::chrono::seconds{options_.spread_s} + presence_grace);
  if (auto done = client_->subscribe(bridge_filters(), answer_timeout); !done) return done;
  if (auto done = greet_plugin(); !done) return done;
  return begin();
}

/// Finds out what the broker has and what it lacks.
Result<void> Bridge::Loop::begin() {
  const auto marker = read_marker();
  if (!marker) return tl::unexpected(marker.error());
  if (auto done = open_gate(); !done) return done;
  told_ = Reader(parts_.store).position();  // What is folded by now, the wave below covers.
  at_broker_ = marked_ = known_at_broker(*marker);
  // Without a marker nobody knows which old targets the broker has: a reconciliation finds them.
  clear_after_ = at_broker_ == Sequence{} ? told_ : at_broker_;
  let_out_.clear();
  const BridgeStatus alive{
      .online = true, .instance = random_uuid(), .spread_s = options_.spread_s};
  if (auto said = say(alive); !said) return said;
  said_alive_ = true;
  if (!alarmed_) outbox_.audience_changed(AllDevices{}, next(at_broker_));
  next_marker_ = last_delivery_ = steady_clock::now();
  log_info("broker connected: address={}:{} has_targets_up_to={}", options_.host, options_.port,
           at_broker_.value());
  reconciler_.connected();
  publish_health(true);
  return {};
}

/// Begins to tell the broker's plugin about keys. Its answer comes before that of the probe; a
/// broker without it answers the probe only, or does not let us ask.
Result<void> Bridge::Loop::greet_plugin() {
  keeper_.start_anew();
  const std::array filters{std::string(control_response_topic)};
  auto subscribed = client_->subscribe(filters, answer_timeout);
  if (!subscribed && subscribed.error().code == ErrorCode::invalid_input) {
    return options_.guarded ? subscribed : Result<void>{};
  }
  return subscribed ? tell_plugin() : subscribed;
}

/// Has the plugin, if there is one, let devices in, after it was told of all keys.
Result<void> Bridge::Loop::open_gate() {
  if (!keeper_.is_there()) {
    if (!options_.guarded) return {};
    return fail(ErrorCode::unavailable, "the broker does not have Muster's plugin");
  }
  const auto deadline = steady_clock::now() + gate_timeout;
  while (!keeper_.is_idle()) {
    if (auto done = tell_plugin(); !done) return done;
    const BridgeMail mail = mailbox_->take(deadline);
    if (mail.lost) return fail(ErrorCode::unavailable, *mail.lost);
    if (auto taken = take_in(mail); !taken) return taken;
    if (steady_clock::now() >= deadline) {
      return fail(ErrorCode::unavailable, "the broker's plugin does not answer");
    }
  }
  return {};
}

Result<void> Bridge::Loop::say(const BridgeStatus& status) {
  return client_->publish(MqttMessage{.topic = std::string(bridge_topic),
                                      .payload = bridge_payload(options_.identity, status),
                                      .retain = true},
                          system_delivery);
}

/// The marker the broker keeps, if any. Retained messages come right after the subscription, so
/// when our probe has come back, the marker has come or there is none.
Result<std::optional<Marker>> Bridge::Loop::read_marker() {
  const std::string nonce = to_string(random_uuid());
  const auto sent = client_->publish(
      MqttMessage{.topic = std::string(probe_topic), .payload = nonce}, system_delivery);
  if (!sent) return tl::unexpected(sent.error());
  std::optional<Marker> marker;
  const auto deadline = steady_clock::now() + answer_timeout;
  while (steady_clock::now() < deadline) {
    BridgeMail mail = mailbox_->take(deadline);
    if (mail.lost) return fail(ErrorCode::unavailable, *mail.lost);
    if (mail.marker) {
      const auto parsed = parse_marker(*mail.marker);
      if (parsed) marker = *parsed;
    }
    if (auto taken = take_in(mail); !taken) return tl::unexpected(taken.error());
    if (mail.probe == nonce) return marker;
  }
  return fail(ErrorCode::unavailable, "the broker does not pass on our own messages");
}

/// Up to which sequence the broker has every target; 0 if its marker is missing or foreign.
Sequence Bridge::Loop::known_at_broker(const std::optional<Marker>& marker) {
  const bool ours =
      marker && marker->log == options_.identity.log && marker->epoch == options_.identity.epoch;
  if (!ours && marker && marker->log == options_.identity.log) {
    log_warn(
        "the broker was told targets up to event {} of epoch {}; this log is in epoch {} and "
        "ends at {}: all are published again",
        marker->low_water.value(), marker->epoch, options_.identity.epoch, told_.value());
  }
  alarmed_ = ours && marker->low_water > told_;
  if (!alarmed_) return ours ? marker->low_water : Sequence{};
  const std::string alarm = fmt::format(
      "the broker has targets up to sequence {}, but the log ends at {}: it was put back to an "
      "older state; nothing is published. Restore the newest log, or clear the retained topic {}",
      marker->low_water.value(), told_.value(), marker_topic);
  log_error("broker is ahead of the log: cause=\"{}\"", alarm);
  const std::scoped_lock lock(mutex_);
  health_.alarm = alarm;
  return told_;
}

void Bridge::Loop::disconnect() {
  // A goodbye keeps the will from being sent, so what it says is said here.
  if (std::exchange(said_alive_, false)) {
    const auto said = say({.online = false, .instance = {}, .spread_s = options_.spread_s});
    if (!said) log_debug("goodbye not said: cause=\"{}\"", said.error().message);
  }
  if (client_) client_->disconnect(goodbye_timeout);
  client_.reset();
  outbox_.clear();
  reconciler_.disconnected();
  publish_health(false);
}

}  // namespace muster
