#include "tools/bench/rebuild/pins_meanwhile.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tools/http/client.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::chrono::seconds call_time_max{60};
constexpr std::size_t quiet_pins = 100;
constexpr std::size_t ask_every = 10;  // Pins.

/// Speaks with one server.
class Pinner {
 public:
  Pinner(const ServerProcess& server, std::size_t rate)
      : client_(fmt::format("http://{}", to_string(server.http())), server.token(), call_time_max),
        interval_(nanoseconds{std::chrono::seconds{1}} / rate) {}

  Result<void> prepare() {
    const auto devices = ask(HttpMethod::get, "/v1/devices?limit=1000");
    if (!devices) return tl::unexpected(devices.error());
    for (const auto& item : devices->at("items")) devices_.push_back(item.at("uuid"));
    const auto releases = ask(HttpMethod::get, "/v1/fleets/bench/past/releases");
    if (!releases) return tl::unexpected(releases.error());
    for (const auto& item : releases->at("items")) releases_.push_back(item.at("commit"));
    due_ = steady_clock::now();
    return {};
  }

  /// One pin, when it is due; one that is late counts from then.
  Result<nanoseconds> pin() {
    std::this_thread::sleep_until(due_);
    const auto from = due_;
    due_ += interval_;
    const std::size_t number = pins_++;
    const json body{{"release", releases_[number / devices_.size() % releases_.size()]}};
    const auto pinned =
        ask(HttpMethod::post, fmt::format("/v1/devices/{}/pin", devices_[number % devices_.size()]),
            body.dump());
    if (!pinned) return tl::unexpected(pinned.error());
    return steady_clock::now() - from;
  }

  void begin_again() { due_ = steady_clock::now(); }

  Result<json> ask(HttpMethod method, const std::string& path, const std::string& body = {}) {
    const auto response = client_.send(method, path, {}, body);
    if (!response) return tl::unexpected(response.error());
    auto answer = json::parse(response->body, nullptr, false);
    if (response->status / 100 == 2 && answer.is_object()) return answer;
    return fail(ErrorCode::failed,
                fmt::format("{}: status {}, {}", path, response->status, response->body));
  }

 private:
  HttpClient client_;
  const nanoseconds interval_;
  std::vector<std::string> devices_;
  std::vector<std::string> releases_;
  std::size_t pins_ = 0;
  steady_clock::time_point due_;
};

}  // namespace

Result<PinsMeanwhile> pin_meanwhile(const ServerProcess& server, std::size_t rate,
                                    const Progress& progress) {
  Pinner pinner(server, rate);
  if (auto ready = pinner.prepare(); !ready) return tl::unexpected(ready.error());
  std::vector<nanoseconds> quiet;
  std::vector<nanoseconds> rebuilding;
  for (std::size_t i = 0; i < quiet_pins; ++i) {
    const auto time = pinner.pin();
    if (!time) return tl::unexpected(time.error());
    quiet.push_back(*time);
  }
  const std::string path = "/v1/projections/all/rebuild";
  auto run = pinner.ask(HttpMethod::post, path);
  pinner.begin_again();
  while (run && run->at("state") == "running") {
    if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    for (std::size_t i = 0; i < ask_every; ++i) {
      const auto time = pinner.pin();
      if (!time) return tl::unexpected(time.error());
      rebuilding.push_back(*time);
    }
    run = pinner.ask(HttpMethod::get, path);
  }
  if (!run) return tl::unexpected(run.error());
  if (run->at("state") != "done") return fail(ErrorCode::failed, run->dump());
  return PinsMeanwhile{.seconds = run->at("seconds").get<double>(),
                       .quiet = summarise(std::move(quiet)),
                       .rebuilding = summarise(std::move(rebuilding))};
}

}  // namespace muster::bench
