#include "broker-bridge/bridge_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "broker-bridge/audience.h"
#include "broker-bridge/channel/topic.h"
#include "broker-bridge/credentials/control_message.h"
#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "core/base/thread_name.h"
#include "core/domain/target.h"

namespace muster {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds pause_min{100};
constexpr milliseconds pause_max{5'000};
// Longer than the longest pause: two servers of one log, which put each other out, then come to
// do so every few seconds only.
constexpr milliseconds lasting{10'000};
constexpr milliseconds busy_pause{50};
constexpr milliseconds idle_wait{1'000};
constexpr milliseconds full_wait{5};

constexpr std::size_t looked_at_max = 2'000;  // Devices a round, so that the mailbox gets its turn.

Reconciler::Options reconciler_options(const BridgeOptions& options) {
  return {.broker = {.host = options.host,
                     .port = options.port,
                     .client_id = fmt::format("{}-reconcile", to_string(options.identity.log)),
                     .username = options.username,
                     .password = options.password,
                     .tls = options.tls},
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
      dispatcher_(
          parts, options_.identity,
          [mailbox = mailbox_](const SendingDecided& decided) { mailbox->on_decided(decided); }),
      keeper_(parts),
      inbox_(parts, options_.identity,
             {.came =
                  [this](DeviceId device) {
                    outbox_.device_came(device);
                    keeper_.came(device);
                    dispatcher_.came(device);
                  },
              .left = [this](DeviceId device) { dispatcher_.left(device); },
              .heard = [this](DeviceId device, Sequence n) { dispatcher_.heard(device, n); },
              .report_done = [mailbox =
                                  mailbox_](const Uuid& device) { mailbox->on_reported(device); }}),
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

Result<void> Bridge::Loop::await_connection(milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  if (connected_.wait_for(lock, timeout, [this] { return health_.connected; })) return {};
  return fail(ErrorCode::unavailable,
              fmt::format("the bridge cannot use the broker at {}:{}: {}", options_.host,
                          options_.port, health_.last_problem));
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

Result<void> Bridge::Loop::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const bool reports_wait = inbox_.submit();
    const bool actions_wait = !alarmed_ && dispatcher_.submit();
    const bool busy = keeper_.submit() || reports_wait || actions_wait;
    if (auto done = tell_plugin(); !done) return done;
    clear_those_let_out();
    if (auto done = repair(); !done) return done;
    if (auto done = publish_actions(); !done) return done;
    const auto more = publish_targets();
    if (!more) return tl::unexpected(more.error());
    if (auto done = publish_marker(); !done) return done;
    if (auto done = check_silence(); !done) return done;
    publish_health(true);
    if (auto done = handle(wait(*more, busy)); !done) return done;
  }
  return {};
}

/// With the window full there is no use in looking at every acknowledgement. But not for long:
/// Paho's sending thread may go to sleep with messages left, and then wakes up for the next one
/// only.
BridgeMail Bridge::Loop::wait(bool more, bool busy) {
  if (more) return mailbox_->take(steady_clock::now());
  if (outbox_.in_flight() < window) return mailbox_->take(wake_at(busy));
  return mailbox_->take(steady_clock::now() + full_wait, window / 4);
}

Bridge::Loop::SteadyTime Bridge::Loop::wake_at(bool busy) const {
  auto latest = steady_clock::now() + (busy ? busy_pause : idle_wait);
  if (const auto due = dispatcher_.next_due(); due && !busy) latest = std::min(latest, *due);
  const bool marker_waits = !alarmed_ && !marker_in_flight_ && delivered_up_to() > marked_;
  return marker_waits ? std::min(latest, next_marker_) : latest;
}

/// What devices, the log about their keys, and the broker's plugin said.
Result<void> Bridge::Loop::take_in(const BridgeMail& mail) {
  if (auto taken = keeper_.take(mail.control); !taken) return taken;
  for (const DeviceId device : mail.keys) keeper_.keys_changed(device);
  for (const FleetId fleet : mail.revoked) keeper_.fleet_revoked(fleet);
  inbox_.take(mail);
  return {};
}

Result<void> Bridge::Loop::handle(const BridgeMail& mail) {
  if (auto taken = take_in(mail); !taken) return taken;
  if (mail.lost) return fail(ErrorCode::unavailable, *mail.lost);
  for (const DeliveryId id : mail.delivered) handle_delivered(id);
  if (alarmed_) return {};
  for (const TargetMark& mark : mail.marks) {
    if (mark.let_out) {
      let_out_.push_back(mark);
    } else {
      tell_outbox(mark);
    }
  }
  told_ = std::max(told_, mail.folded);
  for (const QueueMark& mark : mail.queues) dispatcher_.changed(mark);
  for (const SendingDecided& decided : mail.sendings) dispatcher_.take(decided);
  dispatcher_.ended(mail.ended);
  return {};
}

void Bridge::Loop::tell_outbox(const TargetMark& mark) {
  std::visit(Overloaded{[&](DeviceId device) { outbox_.device_changed(device, mark.sequence); },
                        [&](const Audience& audience) {
                          outbox_.audience_changed(audience, mark.sequence);
                        }},
             mark.whom);
}

/// Devices that lost their keys are let out first: none of them is to see its target go.
void Bridge::Loop::clear_those_let_out() {
  if (keeper_.is_there() && !keeper_.is_idle()) return;
  for (const TargetMark& mark : let_out_) tell_outbox(mark);
  let_out_.clear();
}

Sequence Bridge::Loop::delivered_up_to() const {
  Sequence low = outbox_.low_water(told_);
  for (const TargetMark& mark : let_out_) low = std::min(low, Sequence{mark.sequence.value() - 1});
  return low;
}

void Bridge::Loop::handle_delivered(DeliveryId id) {
  last_delivery_ = steady_clock::now();
  if (id >= action_delivery) {
    dispatcher_.delivered(DeviceId{static_cast<std::uint32_t>(id)});
  } else if (id < system_delivery) {
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

/// Sends the plugin what it has to know, if anything.
Result<void> Bridge::Loop::tell_plugin() {
  auto request = keeper_.next_request();
  if (!request) return {};
  return client_->publish(
      MqttMessage{.topic = std::string(control_topic), .payload = std::move(*request)},
      system_delivery);
}

/// What a reconciliation has found to be done.
Result<void> Bridge::Loop::repair() {
  reconciler_.step({.settled = delivered_up_to(), .look_only = alarmed_});
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
  const auto row = device ? reader.find_device(*device) : std::nullopt;
  messages_.read_from(reader);
  const auto targeted = row ? messages_.find(row->id) : std::nullopt;
  if (targeted && targeted->target.told) {  // It was registered, or came back, meanwhile.
    reconciler_.repairs().cleared();
    return {};
  }
  if (in_flight() <= 1) last_delivery_ = steady_clock::now();
  return client_->publish(MqttMessage{.topic = topic, .payload = {}, .retain = true},
                          clear_delivery);
}

Result<void> Bridge::Loop::publish_actions() {
  return dispatcher_.publish([this](const MqttMessage& message, DeviceId device) {
    if (in_flight() == 0) last_delivery_ = steady_clock::now();
    return client_->publish(message, action_delivery + device.value());
  });
}

/// Fills the window. True if there is more to look at right now.
Result<bool> Bridge::Loop::publish_targets() {
  const Reader reader(parts_.store);
  messages_.read_from(reader);
  std::vector<DeviceId> batch;
  for (std::size_t looked_at = 0; looked_at < looked_at_max; looked_at += batch.size()) {
    batch.clear();
    while (outbox_.in_flight() < window) {
      const auto device = outbox_.next();
      if (!device) break;
      batch.push_back(*device);
    }
    if (batch.empty()) return false;
    if (auto sent = publish_batch(batch); !sent) return tl::unexpected(sent.error());
  }
  return true;
}

/// Reads all of them, then hands over all that are due: in between, the threads of the MQTT library
/// would go to sleep and be woken again for each.
Result<void> Bridge::Loop::publish_batch(std::span<const DeviceId> devices) {
  const auto targeted = messages_.find_all(devices);
  std::vector<std::pair<DeviceId, MqttMessage>> due;
  due.reserve(devices.size());
  for (std::size_t i = 0; i < devices.size(); ++i) {
    if (auto message = target_message(devices[i], targeted[i])) {
      due.emplace_back(devices[i], std::move(*message));
    } else {
      acknowledged(devices[i]);
    }
  }
  if (in_flight() <= due.size()) last_delivery_ = steady_clock::now();
  for (auto& [device, message] : due) {
    if (auto sent = client_->publish(std::move(message), device.value()); !sent) return sent;
    ++published_;
  }
  return {};
}

/// Of a device that is told nothing: whether its topic is its own, and had a target of it.
bool Bridge::Loop::is_to_be_cleared(const TargetedDevice& targeted) const {
  if (targeted.target.changed.sequence <= clear_after_) return false;
  const auto newest = messages_.reader().find_device(targeted.device.uuid);
  return newest && newest->id == targeted.device.id;
}

/// nullopt if the broker has it already.
std::optional<MqttMessage> Bridge::Loop::target_message(
    DeviceId id, const std::optional<TargetedDevice>& targeted) {
  const bool lacks = reconciler_.repairs().takes(id);
  if (!targeted) return std::nullopt;
  const bool told = targeted->target.told;
  if (!told && !is_to_be_cleared(*targeted)) return std::nullopt;
  if (message_changed(targeted->device, targeted->target) <= at_broker_ && !lacks) {
    return std::nullopt;
  }
  MqttMessage message{.topic = target_topic(targeted->device.uuid), .payload = {}, .retain = true};
  if (told) {
    message.payload = messages_.payload(*targeted);
    message.content_type = content_type_of(targeted->device.encoding);
  }
  return message;
}

Result<void> Bridge::Loop::publish_marker() {
  const auto now = steady_clock::now();
  if (alarmed_ || marker_in_flight_ || now < next_marker_) return {};
  const Sequence low_water = delivered_up_to();
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
  return outbox_.in_flight() + dispatcher_.in_flight() + reconciler_.repairs().clears_in_flight();
}

Result<void> Bridge::Loop::check_silence() {
  if (auto heard = keeper_.check_silence(); !heard) return heard;
  if (in_flight() == 0) return {};
  if (steady_clock::now() < last_delivery_ + options_.silence_max) return {};
  return fail(ErrorCode::unavailable, fmt::format("the broker acknowledged nothing for {} s",
                                                  options_.silence_max.count()));
}

void Bridge::Loop::publish_health(bool connected) {
  const std::scoped_lock lock(mutex_);
  if (connected && !health_.connected) ++health_.connections;
  health_.connected = connected;
  if (connected) connected_.notify_all();
  health_.guarded = connected && keeper_.is_there();
  health_.in_flight = in_flight();
  health_.published = published_;
  health_.refused = inbox_.refused() + mailbox_->dropped();
  if (!alarmed_) health_.alarm = reconciler_.alarm();
  health_.reconciled = reconciler_.last();
  if (connected) health_.low_water = delivered_up_to();
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
