#include "tools/bench/pin/inbox.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/assert.h"

namespace muster::bench {
namespace {

constexpr int look_for_stop_every_ms = 50;

/// The number of a message; 0 if it has none.
std::uint64_t number_of(const std::string& payload) {
  const auto json = nlohmann::json::parse(payload, nullptr, false);
  const bool numbered = json.is_object() && json.contains("seq") && json["seq"].is_number();
  return numbered ? json["seq"].get<std::uint64_t>() : 0;
}

}  // namespace

Inbox::Inbox(std::vector<MqttPeer> subscribers, const std::vector<std::string>& topics)
    : subscribers_(std::move(subscribers)), topics_(topics.size()) {
  for (const std::string& topic : topics) places_.emplace(topic, places_.size());
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Inbox::~Inbox() = default;

void Inbox::run(const std::stop_token& stop) {
  std::vector<pollfd> ready;
  ready.reserve(subscribers_.size());
  for (const MqttPeer& subscriber : subscribers_) ready.push_back({subscriber.fd(), POLLIN, 0});
  for (MqttPeer& subscriber : subscribers_) {
    if (!receive(subscriber)) return;  // What came with the subscription.
  }
  while (!stop.stop_requested()) {
    ::poll(ready.data(), ready.size(), look_for_stop_every_ms);
    for (std::size_t i = 0; i < ready.size(); ++i) {
      if (ready[i].revents != 0 && !receive(subscribers_[i])) return;
    }
  }
}

Result<void> Inbox::receive(MqttPeer& subscriber) {
  auto received = subscriber.receive([this](const mqtt::Publish& message, SteadyTime at) {
    const auto place = places_.find(message.topic);
    if (place == places_.end()) return;
    const std::uint64_t number = number_of(message.payload);
    const std::scoped_lock lock(mutex_);
    Topic& topic = topics_[place->second];
    topic.arrivals.push_back({number, at});
    topic.last_payload = message.payload;
  });
  if (!received) {
    const std::scoped_lock lock(mutex_);
    broken_ = received.error();
  }
  came_.notify_all();
  return received;
}

std::optional<Inbox::SteadyTime> Inbox::take(Topic& topic, std::uint64_t number) {
  auto& arrivals = topic.arrivals;
  const auto found = std::find_if(arrivals.begin(), arrivals.end(),
                                  [number](const Arrival& each) { return each.number >= number; });
  arrivals.erase(arrivals.begin(), found);
  if (arrivals.empty()) return std::nullopt;
  return arrivals.front().at;
}

Result<Inbox::SteadyTime> Inbox::await(std::size_t topic, std::uint64_t number,
                                       SteadyTime deadline) {
  std::unique_lock lock(mutex_);
  std::optional<SteadyTime> at;
  came_.wait_until(lock, deadline, [&] {
    at = take(topics_[topic], number);
    return at || broken_;
  });
  if (at) return *at;
  if (broken_) return tl::unexpected(*broken_);
  return fail(ErrorCode::failed, fmt::format("message {} did not reach its subscriber", number));
}

std::string Inbox::last_payload(std::size_t topic) const {
  const std::scoped_lock lock(mutex_);
  MUSTER_ASSERT(!topics_[topic].last_payload.empty(), "a message came on this topic");
  return topics_[topic].last_payload;
}

}  // namespace muster::bench
