#include "tools/bench/scale/scale_stand.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "tools/bench/scale/filled_folder.h"
#include "tools/bench/support/api_client.h"
#include "tools/bench/support/server_process.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::chrono::milliseconds load_for{500};
constexpr std::size_t told_max = 1'000;

}  // namespace

class ScaleStand::Parts {
 public:
  Parts(std::filesystem::path program, std::filesystem::path folder)
      : program_(std::move(program)), folder_(std::move(folder)) {}

  Result<void> fill(std::size_t devices, const Progress& progress);
  Result<std::chrono::nanoseconds> start();
  Result<void> settle(const Progress& progress) { return api_->settle(progress); }
  Result<std::chrono::nanoseconds> pin_device();
  Result<std::chrono::nanoseconds> pin_fleet();
  Result<std::chrono::nanoseconds> timed(HttpMethod method, const std::string& path,
                                         const std::string& body);
  Result<void> kill_under_load();
  [[nodiscard]] std::uint64_t resident_bytes() const { return server_->resident_bytes(); }

 private:
  const std::filesystem::path program_;
  const std::filesystem::path folder_;
  std::vector<std::string> devices_;
  std::optional<ServerProcess> server_;
  std::optional<ApiClient> api_;
  std::size_t device_pins_ = 0;
  std::size_t fleet_pins_ = 0;
};

Result<void> ScaleStand::Parts::fill(std::size_t devices, const Progress& progress) {
  {
    const auto first = ServerProcess::start(program_, folder_);
    if (!first) return tl::unexpected(first.error());
  }
  auto filled = fill_folder(folder_ / "data", devices, told_max, progress);
  if (!filled) return tl::unexpected(filled.error());
  devices_ = std::move(*filled);
  return {};
}

Result<std::chrono::nanoseconds> ScaleStand::Parts::start() {
  const auto began = steady_clock::now();
  auto server = ServerProcess::start(program_, folder_);
  const auto ready = steady_clock::now() - began;
  if (!server) return tl::unexpected(server.error());
  server_.emplace(std::move(*server));
  api_.emplace(*server_);
  return ready;
}

Result<std::chrono::nanoseconds> ScaleStand::Parts::timed(HttpMethod method,
                                                          const std::string& path,
                                                          const std::string& body) {
  return api_->send(method, path, body).map([](const auto& answer) { return answer.took; });
}

Result<std::chrono::nanoseconds> ScaleStand::Parts::pin_device() {
  const std::size_t device = device_pins_ % devices_.size();
  const std::size_t release = device_pins_ / devices_.size() % 2;
  ++device_pins_;
  return timed(HttpMethod::post, fmt::format("/v1/devices/{}/pin", devices_[device]),
               json{{"release", filled_commit(release)}}.dump());
}

Result<std::chrono::nanoseconds> ScaleStand::Parts::pin_fleet() {
  return timed(HttpMethod::post, fmt::format("/v1/fleets/{}/pin", filled_fleet),
               json{{"release", filled_commit(fleet_pins_++ % 2)}}.dump());
}

Result<void> ScaleStand::Parts::kill_under_load() {
  std::jthread killer([this] {
    std::this_thread::sleep_for(load_for);
    server_->kill();
  });
  while (pin_device()) {
  }
  return {};
}

Result<std::unique_ptr<ScaleStand>> ScaleStand::make(const std::filesystem::path& program,
                                                     const std::filesystem::path& folder,
                                                     std::size_t devices,
                                                     const Progress& progress) {
  auto parts = std::make_unique<Parts>(program, folder);
  if (auto done = parts->fill(devices, progress); !done) return tl::unexpected(done.error());
  return std::unique_ptr<ScaleStand>(new ScaleStand(std::move(parts)));
}

ScaleStand::ScaleStand(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

ScaleStand::~ScaleStand() = default;

Result<std::chrono::nanoseconds> ScaleStand::start() { return parts_->start(); }
Result<void> ScaleStand::settle(const Progress& progress) { return parts_->settle(progress); }
Result<std::chrono::nanoseconds> ScaleStand::pin_device() { return parts_->pin_device(); }
Result<std::chrono::nanoseconds> ScaleStand::pin_fleet() { return parts_->pin_fleet(); }
Result<std::chrono::nanoseconds> ScaleStand::read(const std::string& path) {
  return parts_->timed(HttpMethod::get, path, {});
}
Result<void> ScaleStand::kill_under_load() { return parts_->kill_under_load(); }
std::uint64_t ScaleStand::resident_bytes() const { return parts_->resident_bytes(); }

}  // namespace muster::bench
