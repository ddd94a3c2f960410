#include "tools/bench/pin/single_pins.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "tools/bench/pin/mqtt_peer.h"
#include "tools/bench/scale/filled_folder.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds arrival_timeout{10};

}  // namespace

Result<std::unique_ptr<SinglePins>> SinglePins::make(std::vector<std::string> devices,
                                                     const HostPort& broker, ApiClient& api) {
  std::unique_ptr<SinglePins> pins(new SinglePins(std::move(devices), api));
  for (std::size_t i = 0; i < pins->devices_.size(); ++i) {
    if (const auto pinned = pins->pin(); !pinned) return tl::unexpected(pinned.error());
  }
  if (auto done = pins->listen(broker); !done) return tl::unexpected(done.error());
  return pins;
}

Result<void> SinglePins::listen(const HostPort& broker) {
  std::vector<std::string> topics;
  std::vector<MqttPeer> peers;
  for (const std::string& device : devices_) {
    topics.push_back(fmt::format("muster/v1/d/{}/target", device));
    auto peer = MqttPeer::connect(broker, {.client_id = fmt::format("single-{}", peers.size()),
                                           .username = {},
                                           .password = {},
                                           .will = {}});
    if (!peer) return tl::unexpected(peer.error());
    if (auto done = peer->subscribe(topics.back()); !done) return done;
    peers.push_back(std::move(*peer));
  }
  inbox_ = std::make_unique<Inbox>(std::move(peers), topics);
  return {};
}

void SinglePins::start(std::size_t rate) {
  interval_ = nanoseconds{std::chrono::seconds{1}} / rate;
  due_ = steady_clock::now();
}

Result<void> SinglePins::step() {
  std::this_thread::sleep_until(due_);
  const bool late = steady_clock::now() > due_ + interval_;
  auto pinned = pin();
  if (!pinned) return tl::unexpected(pinned.error());
  if (late) pinned->at = due_;
  sent_.push_back(*pinned);
  due_ += interval_;
  return {};
}

Result<SinglePins::Sent> SinglePins::pin() {
  const std::size_t device = pins_ % devices_.size();
  const json body{{"release", filled_commit(pins_++ / devices_.size() % 2)}};
  const auto at = steady_clock::now();
  const auto answer = api_.post(fmt::format("/v1/devices/{}/pin", devices_[device]), body);
  if (!answer) return tl::unexpected(answer.error());
  return Sent{.device = device, .sequence = answer->at("sequence").get<std::uint64_t>(), .at = at};
}

Result<void> SinglePins::finish(std::vector<nanoseconds>& times) {
  const auto deadline = steady_clock::now() + arrival_timeout;
  for (const Sent& each : std::exchange(sent_, {})) {
    const auto at = inbox_->await(each.device, each.sequence, deadline);
    if (!at) return tl::unexpected(at.error());
    times.push_back(*at - each.at);
  }
  return {};
}

}  // namespace muster::bench
