#include "tools/bench/actions/actions_stand.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>

#include "tools/bench/actions/crowd.h"
#include "tools/bench/pin/single_pins.h"
#include "tools/bench/scale/filled_folder.h"
#include "tools/bench/scale/filled_server.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::size_t singles_count = 10;
constexpr std::size_t said_every = 10'000;
constexpr milliseconds look_again_after{100};
constexpr milliseconds look_again_soon{2};
constexpr std::chrono::seconds online_timeout{300};
constexpr std::chrono::seconds arrival_timeout{10};
constexpr std::chrono::seconds whole_timeout{600};

}  // namespace

class ActionsStand::Parts {
 public:
  Result<void> open(const std::filesystem::path& program, const std::filesystem::path& folder,
                    std::size_t devices, const Progress& progress);
  Result<nanoseconds> restart_one();
  Result<nanoseconds> restart_returning();
  Result<FleetActionRun> restart_fleet(std::size_t rate, std::vector<nanoseconds>& pins);

 private:
  Result<void> await_bridge();
  Result<void> bring_online(const Progress& progress);
  Result<void> await_offline(const std::string& device);
  Result<std::string> restart(json whom);
  Result<bool> is_over(const std::string& id);
  [[nodiscard]] const std::string& next_device() {
    return server_->devices()[restarts_++ % server_->devices().size()];
  }

  std::unique_ptr<FilledServer> server_;
  std::unique_ptr<Crowd> crowd_;
  std::unique_ptr<SinglePins> singles_;
  std::size_t restarts_ = 0;
};

Result<void> ActionsStand::Parts::open(const std::filesystem::path& program,
                                       const std::filesystem::path& folder, std::size_t devices,
                                       const Progress& progress) {
  auto server = FilledServer::start(program, folder, devices, devices, progress);
  if (!server) return tl::unexpected(server.error());
  server_ = std::move(*server);
  auto crowd = Crowd::connect(server_->broker());
  if (!crowd) return tl::unexpected(crowd.error());
  crowd_ = std::move(*crowd);
  if (auto done = await_bridge(); !done) return done;
  if (auto done = bring_online(progress); !done) return done;
  const auto& all = server_->devices();
  auto singles =
      SinglePins::make({all.end() - singles_count, all.end()}, server_->broker(), server_->api());
  if (!singles) return tl::unexpected(singles.error());
  singles_ = std::move(*singles);
  return {};
}

/// A birth that nobody hears is lost; a real device says it again to a new bridge.
Result<void> ActionsStand::Parts::await_bridge() {
  const auto deadline = steady_clock::now() + arrival_timeout;
  while (steady_clock::now() < deadline) {
    const auto status = server_->api().get("/v1/status");
    if (!status) return tl::unexpected(status.error());
    if (status->at("broker").at("connected").get<bool>()) return {};
    std::this_thread::sleep_for(look_again_after);
  }
  return fail(ErrorCode::failed, "the server does not connect to its broker");
}

Result<void> ActionsStand::Parts::bring_online(const Progress& progress) {
  const auto deadline = steady_clock::now() + online_timeout;
  const auto& all = server_->devices();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % said_every == 0) {
      progress.say(fmt::format("device {} of {} comes online", i + 1, all.size()));
      if (auto on = progress.go_on(); !on) return on;
    }
    if (auto said = crowd_->come(all[i]); !said) return said;
  }
  while (steady_clock::now() < deadline) {
    const auto away = server_->api().get("/v1/devices?filter=not%20online&limit=1");
    if (!away) return tl::unexpected(away.error());
    if (away->at("items").empty()) return server_->api().settle(progress);
    if (auto on = progress.go_on(); !on) return on;
    std::this_thread::sleep_for(look_again_after);
  }
  return fail(ErrorCode::failed, "the devices did not come online in time");
}

Result<void> ActionsStand::Parts::await_offline(const std::string& device) {
  const auto deadline = steady_clock::now() + arrival_timeout;
  while (steady_clock::now() < deadline) {
    const auto row = server_->api().get(fmt::format("/v1/devices/{}", device));
    if (!row) return tl::unexpected(row.error());
    if (!row->at("online").get<bool>()) return {};
    std::this_thread::sleep_for(look_again_soon);
  }
  return fail(ErrorCode::failed, "a device that left is still online");
}

/// The id of the action.
Result<std::string> ActionsStand::Parts::restart(json whom) {
  whom["kind"] = "restart";
  const auto answer = server_->api().post("/v1/actions", whom);
  if (!answer) return tl::unexpected(answer.error());
  return answer->at("id").get<std::string>();
}

Result<nanoseconds> ActionsStand::Parts::restart_one() {
  const auto begin = steady_clock::now();
  const auto id = restart({{"device", next_device()}});
  if (!id) return tl::unexpected(id.error());
  const auto at = crowd_->await(*id, 1, begin + arrival_timeout);
  if (!at) return tl::unexpected(at.error());
  return *at - begin;
}

Result<nanoseconds> ActionsStand::Parts::restart_returning() {
  const std::string& device = next_device();
  if (auto left = crowd_->leave(device); !left) return tl::unexpected(left.error());
  if (auto gone = await_offline(device); !gone) return tl::unexpected(gone.error());
  const auto id = restart({{"device", device}});
  if (!id) return tl::unexpected(id.error());
  const auto begin = steady_clock::now();
  if (auto came = crowd_->come(device); !came) return tl::unexpected(came.error());
  const auto at = crowd_->await(*id, 1, begin + arrival_timeout);
  if (!at) return tl::unexpected(at.error());
  return *at - begin;
}

Result<bool> ActionsStand::Parts::is_over(const std::string& id) {
  const auto roll_up = server_->api().get(fmt::format("/v1/actions/{}", id));
  if (!roll_up) return tl::unexpected(roll_up.error());
  return roll_up->at("over").get<bool>();
}

Result<FleetActionRun> ActionsStand::Parts::restart_fleet(std::size_t rate,
                                                          std::vector<nanoseconds>& pins) {
  const auto begin = steady_clock::now();
  const auto id = restart({{"fleet", filled_fleet}});
  const auto answered = steady_clock::now();
  if (!id) return tl::unexpected(id.error());
  singles_->start(rate);
  while (true) {
    if (steady_clock::now() > begin + whole_timeout) {
      return fail(ErrorCode::failed, "the restart of the fleet does not end");
    }
    if (auto done = singles_->step(); !done) return tl::unexpected(done.error());
    if (crowd_->count(*id) < server_->devices().size()) continue;
    const auto over = is_over(*id);
    if (!over) return tl::unexpected(over.error());
    if (*over) break;
  }
  const auto whole = steady_clock::now() - begin;
  if (auto done = singles_->finish(pins); !done) return tl::unexpected(done.error());
  return FleetActionRun{.answer = answered - begin, .whole = whole};
}

Result<std::unique_ptr<ActionsStand>> ActionsStand::make(const std::filesystem::path& program,
                                                         const std::filesystem::path& folder,
                                                         std::size_t devices,
                                                         const Progress& progress) {
  auto parts = std::make_unique<Parts>();
  if (auto done = parts->open(program, folder, devices, progress); !done) {
    return tl::unexpected(done.error());
  }
  return std::unique_ptr<ActionsStand>(new ActionsStand(std::move(parts)));
}

ActionsStand::ActionsStand(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ActionsStand::~ActionsStand() = default;

Result<nanoseconds> ActionsStand::restart_one() { return parts_->restart_one(); }
Result<nanoseconds> ActionsStand::restart_returning() { return parts_->restart_returning(); }
Result<FleetActionRun> ActionsStand::restart_fleet(std::size_t rate,
                                                   std::vector<nanoseconds>& pins) {
  return parts_->restart_fleet(rate, pins);
}

}  // namespace muster::bench
