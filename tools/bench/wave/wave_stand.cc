#include "tools/bench/wave/wave_stand.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/uuid.h"
#include "tools/bench/pin/inbox.h"
#include "tools/bench/pin/single_pins.h"
#include "tools/bench/scale/filled_folder.h"
#include "tools/bench/scale/filled_server.h"
#include "tools/bench/wave/plain_publisher.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::size_t listeners_max = 50;
constexpr std::size_t singles_count = 10;
constexpr std::size_t told_max = 1'000;
constexpr milliseconds look_again_after{5};
constexpr std::chrono::seconds wave_timeout{120};
constexpr std::chrono::seconds arrival_timeout{10};

std::string target_topic_of(const std::string& device) {
  return fmt::format("muster/v1/d/{}/target", device);
}

std::string bare_topic_of(const std::string& device) {
  return fmt::format("bench0/v1/d/{}/target", device);
}

}  // namespace

class WaveStand::Parts {
 public:
  Result<void> open(const std::filesystem::path& program, const std::filesystem::path& folder,
                    std::size_t devices, const Progress& progress);
  Result<nanoseconds> publish_bare(std::uint16_t window);
  Result<WaveRun> pin_fleet(const std::function<Result<void>()>& meanwhile);
  Result<WaveRun> pin_fleet_among(std::size_t rate, std::vector<nanoseconds>& singles);
  [[nodiscard]] std::size_t payload_bytes() const { return payload_.size(); }

 private:
  Result<void> listen();
  Result<bool> is_told(std::uint64_t sequence);
  Result<void> await_listeners(std::size_t first, std::uint64_t number);

  std::unique_ptr<FilledServer> server_;
  std::vector<std::string> followers_;    // Those that listen.
  std::vector<std::string> bare_topics_;  // As many as there are devices; first the listeners'.
  std::size_t listeners_ = 0;
  std::optional<Inbox> inbox_;  // Targets, bare topics.
  std::string payload_;
  std::size_t bare_runs_ = 0;
  std::size_t fleet_pins_ = 0;
  std::unique_ptr<SinglePins> singles_;  // Last: it uses the server.
};

Result<void> WaveStand::Parts::open(const std::filesystem::path& program,
                                    const std::filesystem::path& folder, std::size_t devices,
                                    const Progress& progress) {
  auto server = FilledServer::start(program, folder, devices + singles_count, told_max, progress);
  if (!server) return tl::unexpected(server.error());
  server_ = std::move(*server);
  const auto& told = server_->devices();
  listeners_ = std::min(listeners_max, told.size() - singles_count);
  followers_.assign(told.begin(), told.begin() + static_cast<std::ptrdiff_t>(listeners_));
  auto singles =
      SinglePins::make({told.end() - singles_count, told.end()}, server_->broker(), server_->api());
  if (!singles) return tl::unexpected(singles.error());
  singles_ = std::move(*singles);
  for (const std::string& device : followers_) bare_topics_.push_back(bare_topic_of(device));
  while (bare_topics_.size() < devices) {
    bare_topics_.push_back(bare_topic_of(to_string(random_uuid())));
  }
  progress.say("the broker gets all targets for the first time");
  return listen();
}

Result<void> WaveStand::Parts::listen() {
  std::vector<std::string> topics;
  for (std::size_t i = 0; i < listeners_; ++i) topics.push_back(target_topic_of(followers_[i]));
  for (std::size_t i = 0; i < listeners_; ++i) topics.push_back(bare_topics_[i]);
  std::vector<MqttPeer> peers;
  for (const std::string& topic : topics) {
    auto peer =
        MqttPeer::connect(server_->broker(), {.client_id = fmt::format("listener-{}", peers.size()),
                                              .username = {},
                                              .password = {},
                                              .will = {}});
    if (!peer) return tl::unexpected(peer.error());
    if (auto done = peer->subscribe(topic); !done) return done;
    peers.push_back(std::move(*peer));
  }
  inbox_.emplace(std::move(peers), topics);
  if (auto run = pin_fleet({}); !run) return tl::unexpected(run.error());
  payload_ = inbox_->last_payload(0);
  return {};
}

Result<nanoseconds> WaveStand::Parts::publish_bare(std::uint16_t window) {
  auto publisher = PlainPublisher::connect(server_->broker(), window);
  if (!publisher) return tl::unexpected(publisher.error());
  auto message = json::parse(payload_);
  message["seq"] = ++bare_runs_;
  std::string payload = message.dump();
  payload.resize(std::max(payload.size(), payload_.size()), ' ');
  const auto begin = steady_clock::now();
  auto published = (*publisher)->publish(bare_topics_, payload);
  if (!published) return tl::unexpected(published.error());
  if (auto came = await_listeners(listeners_, bare_runs_); !came) {
    return tl::unexpected(came.error());
  }
  return steady_clock::now() - begin;
}

Result<WaveRun> WaveStand::Parts::pin_fleet(const std::function<Result<void>()>& meanwhile) {
  const json body{{"release", filled_commit(fleet_pins_++ % 2)}};
  const auto begin = steady_clock::now();
  const auto answer = server_->api().post("/v1/fleets/bench/fleet/pin", body);
  const auto answered = steady_clock::now();
  if (!answer) return tl::unexpected(answer.error());
  const auto sequence = answer->at("sequence").get<std::uint64_t>();
  const auto deadline = begin + wave_timeout;
  for (;;) {
    const auto told = is_told(sequence);
    if (!told) return tl::unexpected(told.error());
    if (*told) break;
    if (steady_clock::now() > deadline) return fail(ErrorCode::failed, "the wave does not end");
    if (!meanwhile) {
      std::this_thread::sleep_for(look_again_after);
    } else if (auto done = meanwhile(); !done) {
      return tl::unexpected(done.error());
    }
  }
  if (auto came = await_listeners(0, sequence); !came) return tl::unexpected(came.error());
  return WaveRun{.answer = answered - begin, .whole = steady_clock::now() - begin};
}

Result<WaveRun> WaveStand::Parts::pin_fleet_among(std::size_t rate,
                                                  std::vector<nanoseconds>& singles) {
  singles_->start(rate);
  const auto run = pin_fleet([&] { return singles_->step(); });
  if (!run) return run;
  if (auto done = singles_->finish(singles); !done) return tl::unexpected(done.error());
  return run;
}

/// True if the broker has acknowledged every target up to `sequence`.
Result<bool> WaveStand::Parts::is_told(std::uint64_t sequence) {
  const auto status = server_->api().get("/v1/status");
  if (!status) return tl::unexpected(status.error());
  return status->at("broker").at("low_water").get<std::uint64_t>() >= sequence;
}

Result<void> WaveStand::Parts::await_listeners(std::size_t first, std::uint64_t number) {
  const auto deadline = steady_clock::now() + arrival_timeout;
  for (std::size_t i = first; i < first + listeners_; ++i) {
    const auto at = inbox_->await(i, number, deadline);
    if (!at) return tl::unexpected(at.error());
  }
  return {};
}

Result<std::unique_ptr<WaveStand>> WaveStand::make(const std::filesystem::path& program,
                                                   const std::filesystem::path& folder,
                                                   std::size_t devices, const Progress& progress) {
  auto parts = std::make_unique<Parts>();
  if (auto done = parts->open(program, folder, devices, progress); !done) {
    return tl::unexpected(done.error());
  }
  return std::unique_ptr<WaveStand>(new WaveStand(std::move(parts)));
}

WaveStand::WaveStand(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
WaveStand::~WaveStand() = default;

Result<nanoseconds> WaveStand::publish_bare(std::uint16_t window) {
  return parts_->publish_bare(window);
}
Result<WaveRun> WaveStand::pin_fleet() { return parts_->pin_fleet({}); }
Result<WaveRun> WaveStand::pin_fleet_among(std::size_t rate, std::vector<nanoseconds>& singles) {
  return parts_->pin_fleet_among(rate, singles);
}
std::size_t WaveStand::payload_bytes() const { return parts_->payload_bytes(); }

}  // namespace muster::bench
