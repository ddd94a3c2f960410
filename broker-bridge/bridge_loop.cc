#include "broker-bridge/bridge_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker-bridge/audience.h"
#include "broker-bridge/channel/topic.h"
#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/base/thread_name.h"
#include "core/domain/target.h"

namespace muster {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds answer_timeout{5'000};
constexpr milliseconds goodbye_timeout{1'000};
constexpr milliseconds pause_min{100};
constexpr milliseconds pause_max{5'000};
// Longer than the longest pause: two servers of one log, which put each other out, then come to
// do so every few seconds only.
constexpr milliseconds lasting{10'000};
constexpr milliseconds busy_pause{50};
constexpr milliseconds idle_wait{1'000};
constexpr std::chrono::seconds presence_grace{10};

// Delivery ids: a target's is its device's id; what is about the whole system stands above.
constexpr DeliveryId system_delivery = 1ULL << 32U;
constexpr DeliveryId marker_delivery = system_delivery + 1;
constexpr DeliveryId clear_delivery = system_delivery + 2;

constexpr std::size_t window = 100;           // Paho is fastest between 20 and 200.
constexpr std::size_t system_window = 4;      // Probe, marker, alive and goodbye.
constexpr std::size_t looked_at_max = 2'000;  // Devices a round, so that the mailbox gets its turn.

Reconciler::Options reconciler_options(const BridgeOptions& options) {
  return {.broker = {.host = options.host,
                     .port = options.port,
                     .client_id = fmt::format("{}-reconcile", to_string(options.identity.log)),
                     .username = options.username,
                     .password = options.password},
          .epoch = options.identity.epoch,
          .every = options.reconcile_every,
          .on_start = options.reconcile_on_start};
}

}  // namespace

Bridge::Loop::Loop(BridgeOptions options, Parts parts)
    : options_(std::move(options)),
      parts_(parts),
      messages_(options_.identity),
      outbox_([&store = parts.store](const Audience& audience, DeviceId after, std::size_t limit) {
        return members_of(Reader(store), audience, after, limit);
      }),
      inbox_(parts, {.came = [this](DeviceId device) { outbox_.device_came(device); },
                     .report_done = [mailbox = mailbox_](
                                        const Uuid& device) { mailbox->on_reported(device); }}),
      reconciler_(reconciler_options(options_), parts.store, parts.clock,
                  [mailbox = mailbox_] { mailbox->wake(); }) {
  parts_.runner.listen(*mailbox_);
}

Bridge::Loop::~Loop() {
  thread_.request_stop();
  mailbox_->wake();
}

void Bridge::Loop::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) {
    name_this_thread("muster-bridge");
    run(stop);
  });
}

BridgeHealth Bridge::Loop::health() const {
  const std::scoped_lock lock(mutex_);
  return health_;
}

void Bridge::Loop::run(const std::stop_token& stop) {
  milliseconds length = pause_min;
  while (!stop.stop_requested()) {
    const auto began = steady_clock::now();
    const auto connected = connect();
    const auto ended = connected ? serve(stop) : connected;
    if (!ended) note_problem(ended.error().message);
    disconnect();
    if (connected && steady_clock::now() - began >= lasting) length = pause_min;
    pause(stop, length);
    length = std::min(length * 2, pause_max);
  }
}

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
                  .in_flight_max = window + system_window + Repairs::clears_in_flight_max},
      *mailbox_);
  if (auto done = client_->connect(answer_timeout); !done) return done;
  // Before anything is heard on this connection.
  parts_.presence.restart(parts_.clock.now(),
                          std::chrono::seconds{options_.spread_s} + presence_grace);
  if (auto done = client_->subscribe(bridge_filters(), answer_timeout); !done) return done;
  return begin();
}

/// Finds out what the broker has and what it lacks.
Result<void> Bridge::Loop::begin() {
  const auto marker = read_marker();
  if (!marker) return tl::unexpected(marker.error());
  told_ = Reader(parts_.store).position();  // What is folded by now, the wave below covers.
  at_broker_ = marked_ = known_at_broker(*marker);
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
    inbox_.take(mail);
    if (mail.probe == nonce) return marker;
  }
  return fail(ErrorCode::unavailable, "the broker does not pass on our own messages");
}

/// Up to which sequence the broker has every target; 0 if its marker is missing or foreign.
Sequence Bridge::Loop::known_at_broker(const std::optional<Marker>& marker) {
  const bool ours =
      marker && marker->log == options_.identity.log && marker->epoch == options_.identity.epoch;
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

Result<void> Bridge::Loop::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool busy = inbox_.submit();
    if (auto done = repair(); !done) return done;
    const auto more = publish_targets();
    if (!more) return tl::unexpected(more.error());
    if (auto done = publish_marker(); !done) return done;
    if (auto done = check_silence(); !done) return done;
    publish_health(true);
    const auto deadline = *more ? steady_clock::now() : wake_at(busy);
    // With the window full there is no use in looking at every acknowledgement.
    const bool full = outbox_.in_flight() >= window;
    if (auto done = handle(mailbox_->take(deadline, full ? window / 4 : 1)); !done) return done;
  }
  return {};
}

Bridge::Loop::SteadyTime Bridge::Loop::wake_at(bool busy) const {
  const auto latest = steady_clock::now() + (busy ? busy_pause : idle_wait);
  const bool marker_waits = !alarmed_ && !marker_in_flight_ && outbox_.low_water(told_) > marked_;
  return marker_waits ? std::min(latest, next_marker_) : latest;
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

Result<void> Bridge::Loop::handle(const BridgeMail& mail) {
  inbox_.take(mail);
  if (mail.lost) return fail(ErrorCode::unavailable, *mail.lost);
  for (const DeliveryId id : mail.delivered) handle_delivered(id);
  if (alarmed_) return {};
  for (const TargetMark& mark : mail.marks) {
    std::visit(Overloaded{[&](DeviceId device) { outbox_.device_changed(device, mark.sequence); },
                          [&](const Audience& audience) {
                            outbox_.audience_changed(audience, mark.sequence);
                          }},
               mark.whom);
  }
  told_ = std::max(told_, mail.folded);
  return {};
}

void Bridge::Loop::handle_delivered(DeliveryId id) {
  last_delivery_ = steady_clock::now();
  if (id < system_delivery) {
    acknowledged(DeviceId{static_cast<std::uint32_t>(id)});
  } else if (id == marker_delivery) {
    marker_in_flight_ = false;
  } else if (id == clear_delivery) {
    reconciler_.repairs().cleared();
  }
}

void Bridge::Loop::acknowledged(DeviceId device) {
  outbox_.acknowledged(device);
  reconciler_.repairs().published(device);
}

/// What a reconciliation has found to be done.
Result<void> Bridge::Loop::repair() {
  reconciler_.step({.settled = outbox_.low_water(told_), .look_only = alarmed_});
  Repairs& repairs = reconciler_.repairs();
  if (repairs.done()) return {};
  while (const auto device = repairs.next_device()) outbox_.device_changed(*device, next(told_));
  const Reader reader(parts_.store);
  while (const auto topic = repairs.next_topic()) {
    if (auto done = clear(reader, *topic); !done) return done;
  }
  return {};
}

Result<void> Bridge::Loop::clear(const Reader& reader, const std::string& topic) {
  const auto device = parse_target_topic(topic);
  if (device && reader.find_device(*device)) {  // It was registered meanwhile.
    reconciler_.repairs().cleared();
    return {};
  }
  if (in_flight() <= 1) last_delivery_ = steady_clock::now();
  return client_->publish(MqttMessage{.topic = topic, .payload = {}, .retain = true},
                          clear_delivery);
}

/// Fills the window. True if there is more to look at right now.
Result<bool> Bridge::Loop::publish_targets() {
  const Reader reader(parts_.store);
  messages_.read_from(reader);
  for (std::size_t looked_at = 0; looked_at < looked_at_max; ++looked_at) {
    if (outbox_.in_flight() >= window) return false;
    const auto device = outbox_.next();
    if (!device) return false;
    const auto sent = publish_target(*device);
    if (!sent) return sent;
    if (!*sent) acknowledged(*device);
  }
  return true;
}

/// False if the broker has it already.
Result<bool> Bridge::Loop::publish_target(DeviceId id) {
  const bool lacks = reconciler_.repairs().takes(id);
  const auto targeted = messages_.find(id);
  if (!targeted) return false;
  if (message_changed(targeted->device, targeted->target) <= at_broker_ && !lacks) return false;
  if (in_flight() <= 1) last_delivery_ = steady_clock::now();
  const auto sent = client_->publish(MqttMessage{.topic = target_topic(targeted->device.uuid),
                                                 .payload = messages_.payload(*targeted),
                                                 .retain = true},
                                     id.value());
  if (!sent) return tl::unexpected(sent.error());
  ++published_;
  return true;
}

Result<void> Bridge::Loop::publish_marker() {
  const auto now = steady_clock::now();
  if (alarmed_ || marker_in_flight_ || now < next_marker_) return {};
  const Sequence low_water = outbox_.low_water(told_);
  if (low_water <= marked_) return {};
  auto sent = client_->publish(MqttMessage{.topic = std::string(marker_topic),
                                           .payload = marker_payload(options_.identity, low_water),
                                           .retain = true},
                               marker_delivery);
  if (!sent) return sent;
  marked_ = low_water;
  marker_in_flight_ = true;
  next_marker_ = now + options_.marker_every;
  return {};
}

std::size_t Bridge::Loop::in_flight() {
  return outbox_.in_flight() + reconciler_.repairs().clears_in_flight();
}

Result<void> Bridge::Loop::check_silence() {
  if (in_flight() == 0) return {};
  if (steady_clock::now() < last_delivery_ + options_.silence_max) return {};
  return fail(ErrorCode::unavailable, fmt::format("the broker acknowledged nothing for {} s",
                                                  options_.silence_max.count()));
}

void Bridge::Loop::publish_health(bool connected) {
  const std::scoped_lock lock(mutex_);
  if (connected && !health_.connected) ++health_.connections;
  health_.connected = connected;
  health_.in_flight = in_flight();
  health_.published = published_;
  health_.refused = inbox_.refused() + mailbox_->dropped();
  if (!alarmed_) health_.alarm = reconciler_.alarm();
  health_.reconciled = reconciler_.last();
  if (connected) health_.low_water = outbox_.low_water(told_);
}

void Bridge::Loop::note_problem(const std::string& problem) {
  const std::scoped_lock lock(mutex_);
  if (health_.last_problem != problem || health_.connected) {
    log_warn("broker connection ended: address={}:{} cause=\"{}\"", options_.host, options_.port,
             problem);
  }
  health_.last_problem = problem;
}

}  // namespace muster
