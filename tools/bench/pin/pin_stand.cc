#include "tools/bench/pin/pin_stand.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "tools/bench/pin/inbox.h"
#include "tools/bench/pin/mqtt_peer.h"
#include "tools/bench/support/api_client.h"
#include "tools/bench/support/server_process.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds arrival_timeout{5};
constexpr std::size_t commit_length = 40;

std::string commit_of(std::size_t release) {
  return std::string(commit_length, release == 0 ? 'a' : 'b');
}

}  // namespace

class PinStand::Parts {
 public:
  Result<void> open(const std::filesystem::path& program, const std::filesystem::path& folder,
                    std::size_t devices);
  Result<Sent> pin();
  Result<Sent> write_and_publish(SyncedFile& file, std::size_t bytes);
  Result<std::vector<SteadyTime>> await(const std::vector<Sent>& sent);

 private:
  [[nodiscard]] mqtt::Login as_bridge(const std::string& client_id) const;
  Result<void> make_fleet();
  Result<void> add_device();
  Result<void> open_inbox();

  std::optional<ServerProcess> server_;
  std::optional<ApiClient> api_;
  std::vector<std::string> devices_;
  std::vector<MqttPeer> subscribers_;  // Until the inbox has them.
  std::optional<MqttPeer> publisher_;
  std::optional<Inbox> inbox_;
  std::vector<json> bare_;  // What is published without the server, for each device.
  std::size_t pins_ = 0;
  std::size_t publishes_ = 0;
};

Result<void> PinStand::Parts::open(const std::filesystem::path& program,
                                   const std::filesystem::path& folder, std::size_t devices) {
  auto server = ServerProcess::start(program, folder);
  if (!server) return tl::unexpected(server.error());
  server_.emplace(std::move(*server));
  api_.emplace(*server_);
  if (auto done = make_fleet(); !done) return done;
  for (std::size_t i = 0; i < devices; ++i) {
    if (auto done = add_device(); !done) return done;
  }
  auto publisher = MqttPeer::connect(server_->mqtt(), as_bridge("muster-bench-publisher"));
  if (!publisher) return tl::unexpected(publisher.error());
  publisher_.emplace(std::move(*publisher));
  return open_inbox();
}

/// A subscriber hears its device's target, and topics of no meaning: no device may use those.
mqtt::Login PinStand::Parts::as_bridge(const std::string& client_id) const {
  return {.client_id = client_id,
          .username = server_->bridge().username,
          .password = server_->bridge().password,
          .will = {}};
}

Result<void> PinStand::Parts::make_fleet() {
  const std::vector<std::pair<std::string, json>> commands{
      {"/v1/organisations", {{"handle", "bench"}}},
      {"/v1/fleets", {{"slug", "bench/fleet"}, {"device_type", "raspberrypi4-64"}}},
      {"/v1/fleets/bench/fleet/releases", {{"commit", commit_of(0)}}},
      {"/v1/fleets/bench/fleet/releases", {{"commit", commit_of(1)}}}};
  for (const auto& [path, body] : commands) {
    if (auto done = api_->post(path, body); !done) return tl::unexpected(done.error());
  }
  return {};
}

Result<void> PinStand::Parts::add_device() {
  const auto answer = api_->post("/v1/fleets/bench/fleet/devices", json::object());
  if (!answer) return tl::unexpected(answer.error());
  devices_.push_back(answer->at("uuid"));
  auto subscriber = MqttPeer::connect(server_->mqtt(), as_bridge(devices_.back()));
  if (!subscriber) return tl::unexpected(subscriber.error());
  subscribers_.push_back(std::move(*subscriber));
  return {};
}

/// The topics of the inbox: the targets of all devices, then as many without a meaning.
Result<void> PinStand::Parts::open_inbox() {
  std::vector<std::string> topics;
  topics.reserve(devices_.size() * 2);
  for (const auto& device : devices_) {
    topics.push_back(fmt::format("muster/v1/d/{}/target", device));
  }
  for (const auto& device : devices_) topics.push_back(fmt::format("muster/v1/bench/{}", device));
  for (std::size_t i = 0; i < topics.size(); ++i) {
    auto done = subscribers_[i % devices_.size()].subscribe(topics[i]);
    if (!done) return done;
  }
  inbox_.emplace(std::exchange(subscribers_, {}), topics);
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const auto at = inbox_->await(i, 1, steady_clock::now() + arrival_timeout);
    if (!at) return tl::unexpected(at.error());
    bare_.push_back(json::parse(inbox_->last_payload(i)));
  }
  return {};
}

Result<Sent> PinStand::Parts::pin() {
  const std::size_t device = pins_ % devices_.size();
  const std::size_t release = pins_ / devices_.size() % 2;
  ++pins_;
  const json body{{"release", commit_of(release)}};
  const auto at = steady_clock::now();
  const auto answer = api_->post(fmt::format("/v1/devices/{}/pin", devices_[device]), body);
  if (!answer) return tl::unexpected(answer.error());
  return Sent{.topic = device, .number = answer->at("sequence").get<std::uint64_t>(), .at = at};
}

Result<Sent> PinStand::Parts::write_and_publish(SyncedFile& file, std::size_t bytes) {
  const std::size_t device = publishes_ % devices_.size();
  const std::uint64_t number = ++publishes_;
  bare_[device]["seq"] = number;
  const std::string topic = fmt::format("muster/v1/bench/{}", devices_[device]);
  const std::string payload = bare_[device].dump();
  const auto acknowledged = publisher_->receive([](const mqtt::Publish&, SteadyTime) {});
  if (!acknowledged) return tl::unexpected(acknowledged.error());
  const auto at = steady_clock::now();
  if (const auto written = file.write(bytes); !written) return tl::unexpected(written.error());
  const auto sent = publisher_->publish_retained(topic, payload);
  if (!sent) return tl::unexpected(sent.error());
  return Sent{.topic = devices_.size() + device, .number = number, .at = at};
}

Result<std::vector<SteadyTime>> PinStand::Parts::await(const std::vector<Sent>& sent) {
  const auto deadline = steady_clock::now() + arrival_timeout;
  std::vector<SteadyTime> times;
  times.reserve(sent.size());
  for (const Sent& each : sent) {
    const auto at = inbox_->await(each.topic, each.number, deadline);
    if (!at) return tl::unexpected(at.error());
    times.push_back(*at);
  }
  return times;
}

Result<std::unique_ptr<PinStand>> PinStand::make(const std::filesystem::path& program,
                                                 const std::filesystem::path& folder,
                                                 std::size_t devices) {
  auto parts = std::make_unique<Parts>();
  if (auto done = parts->open(program, folder, devices); !done) {
    return tl::unexpected(done.error());
  }
  return std::unique_ptr<PinStand>(new PinStand(std::move(parts)));
}

PinStand::PinStand(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

PinStand::~PinStand() = default;

Result<Sent> PinStand::pin() { return parts_->pin(); }
Result<Sent> PinStand::write_and_publish(SyncedFile& file, std::size_t bytes) {
  return parts_->write_and_publish(file, bytes);
}
Result<std::vector<SteadyTime>> PinStand::await(const std::vector<Sent>& sent) {
  return parts_->await(sent);
}

}  // namespace muster::bench
