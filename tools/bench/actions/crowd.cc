#include "tools/bench/actions/crowd.h"

#include <fmt/format.h>
#include <poll.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace muster::bench {
namespace {

using nlohmann::json;

constexpr int look_for_stop_every_ms = 50;
constexpr std::string_view action_end = "/action";

std::string presence_topic(const std::string& device) {
  return fmt::format("muster/v1/d/{}/up/presence", device);
}

mqtt::Login login(std::string_view part) {
  return {.client_id = fmt::format("crowd-{}", part), .username = {}, .password = {}, .will = {}};
}

}  // namespace

Crowd::Crowd(MqttPeer speaker, MqttPeer listener)
    : speaker_(std::move(speaker)), listener_(std::move(listener)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Crowd::~Crowd() = default;

Result<std::unique_ptr<Crowd>> Crowd::connect(const HostPort& broker) {
  auto speaker = MqttPeer::connect(broker, login("speaker"));
  if (!speaker) return tl::unexpected(speaker.error());
  auto listener = MqttPeer::connect(broker, login("listener"));
  if (!listener) return tl::unexpected(listener.error());
  if (auto done = listener->subscribe("muster/v1/d/+/action"); !done) {
    return tl::unexpected(done.error());
  }
  return std::unique_ptr<Crowd>(new Crowd(std::move(*speaker), std::move(*listener)));
}

Result<void> Crowd::come(const std::string& device) {
  const json birth{{"online", true},          {"session", fmt::to_string(++sessions_[device])},
                   {"boot", "crowd"},         {"encoding", "json"},
                   {"os_version", "12.8.0"},  {"os_variant", "prod"},
                   {"agent_version", "1.4.2"}};
  auto said = speaker_.publish(presence_topic(device), birth.dump());
  if (!said) return said;
  return speaker_.receive([](const mqtt::Publish&, SteadyTime) {});  // The broker's word on it.
}

Result<void> Crowd::leave(const std::string& device) {
  const json will{{"online", false}, {"session", fmt::to_string(sessions_[device])}};
  return speaker_.publish(presence_topic(device), will.dump());
}

void Crowd::run(const std::stop_token& stop) {
  pollfd ready{listener_.fd(), POLLIN, 0};
  while (!stop.stop_requested()) {
    if (::poll(&ready, 1, look_for_stop_every_ms) > 0 && !receive()) return;
  }
}

Result<void> Crowd::receive() {
  std::vector<std::pair<mqtt::Publish, SteadyTime>> messages;
  auto received = listener_.receive(
      [&](const mqtt::Publish& message, SteadyTime at) { messages.emplace_back(message, at); });
  for (const auto& [message, at] : messages) {
    if (received) received = take(message, at);
  }
  if (!received) {
    const std::scoped_lock lock(mutex_);
    broken_ = received.error();
  }
  came_.notify_all();
  return received;
}

Result<void> Crowd::take(const mqtt::Publish& message, SteadyTime at) {
  const auto action = json::parse(message.payload, nullptr, false);
  if (!action.is_object() || !message.topic.ends_with(action_end)) return {};
  {
    const std::scoped_lock lock(mutex_);
    Arrivals& arrivals = arrivals_[action.value("id", "")];
    ++arrivals.count;
    arrivals.last = at;
  }
  const auto device = message.topic.substr(0, message.topic.size() - action_end.size());
  json ack{{"epoch", action.value("epoch", 0)},
           {"n", action.value("n", 0)},
           {"id", action.value("id", "")},
           {"code", 0},
           {"message", ""},
           {"boot", "crowd"}};
  for (const char* state : {"delivered", "started", "succeeded"}) {
    ack["state"] = state;
    if (auto said = listener_.publish(device + "/up/ack", ack.dump()); !said) return said;
  }
  return {};
}

Result<Crowd::SteadyTime> Crowd::await(const std::string& id, std::size_t devices,
                                       SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  const bool came =
      came_.wait_until(lock, deadline, [&] { return broken_ || arrivals_[id].count >= devices; });
  if (broken_) return tl::unexpected(*broken_);
  if (came) return arrivals_[id].last;
  return fail(ErrorCode::failed,
              fmt::format("{} of {} devices got their action", arrivals_[id].count, devices));
}

std::size_t Crowd::count(const std::string& id) const {
  const std::scoped_lock lock(mutex_);
  const auto found = arrivals_.find(id);
  return found == arrivals_.end() ? 0 : found->second.count;
}

}  // namespace muster::bench
