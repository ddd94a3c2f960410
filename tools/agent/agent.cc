#include "tools/agent/agent.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "core/base/log.h"
#include "tools/agent/host/device_host.h"
#include "tools/agent/support/files.h"

namespace muster::agent {
namespace {

void print_to_stdout(const std::string& line) {
  fmt::print(stdout, "{}\n", line);
  std::fflush(stdout);
}

Result<void> check_devices(const std::vector<DeviceCredentials>& devices) {
  if (devices.empty()) return fail(ErrorCode::invalid_input, "no device to be: give credentials");
  std::set<Uuid> seen;
  for (const auto& device : devices) {
    if (!seen.insert(device.uuid).second) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("device {} is given twice", to_string(device.uuid)));
    }
  }
  return {};
}

/// The options with absolute paths, as hooks need them.
Result<AgentOptions> checked(AgentOptions options) {
  if (auto devices = check_devices(options.devices); !devices) {
    return tl::unexpected(devices.error());
  }
  if (options.os_variant != "prod" && options.os_variant != "dev") {
    return fail(ErrorCode::invalid_input,
                fmt::format("os variant `{}`: must be prod or dev", options.os_variant));
  }
  std::error_code error;
  options.folder = std::filesystem::absolute(options.folder, error);
  for (auto* hook : {&options.hook, &options.action_hook}) {
    if (hook->empty()) continue;
    *hook = std::filesystem::absolute(*hook, error);
    if (!std::filesystem::is_regular_file(*hook, error) || ::access(hook->c_str(), X_OK) != 0) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("hook {}: must be a program that may be run", hook->string()));
    }
  }
  if (!options.print) options.print = print_to_stdout;
  return options;
}

Result<void> make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error) return {};
  return fail(ErrorCode::failed,
              fmt::format("cannot make {}: {}", folder.string(), error.message()));
}

class Agent {
 public:
  explicit Agent(const AgentOptions& options)
      : options_(options), around_{options_, events_, timers_, connector_, random_} {}

  Result<void> start();
  void run(const std::stop_token& stop);

 private:
  const AgentOptions& options_;
  EventQueue events_;
  TimerQueue<Due> timers_;
  std::mt19937_64 random_{std::random_device{}()};
  Connector connector_{events_, options_.devices.size()};
  Surroundings around_;
  std::vector<std::unique_ptr<DeviceHost>> hosts_;
};

Result<void> Agent::start() {
  for (std::size_t i = 0; i < options_.devices.size(); ++i) {
    auto folder = options_.folder / to_string(options_.devices[i].uuid);
    if (auto made = make_folder(folder / "locks"); !made) return made;
    hosts_.push_back(std::make_unique<DeviceHost>(i, around_, std::move(folder)));
    if (auto started = hosts_.back()->start(); !started) return started;
  }
  return {};
}

void Agent::run(const std::stop_token& stop) {
  constexpr std::chrono::seconds nothing_to_do(60);
  const auto is_off = [](const auto& host) { return host->is_off(); };
  while (!stop.stop_requested() && !std::ranges::all_of(hosts_, is_off)) {
    const auto next = timers_.next(std::chrono::steady_clock::now() + nothing_to_do);
    for (auto& event : events_.take(next, stop)) {
      const auto device = event.device;
      hosts_[device]->on_event(std::move(event));
    }
    for (const auto& due : timers_.take(std::chrono::steady_clock::now())) {
      hosts_[due.device]->on_due(due);
    }
  }
  for (auto& host : hosts_) host->request_stop();
}

}  // namespace

Result<void> run_agent(const AgentOptions& options, const std::stop_token& stop) {
  const auto used = checked(options);
  if (!used) return tl::unexpected(used.error());
  if (auto made = make_folder(used->folder); !made) return made;
  const auto lock = lock_folder(used->folder);
  if (!lock) return tl::unexpected(lock.error());
  log_info("agent started: devices={} broker={}:{} folder={}", used->devices.size(),
           used->mqtt_host, used->mqtt_port, used->folder.string());
  Agent agent(*used);
  auto started = agent.start();
  if (started) agent.run(stop);
  return started;
}

}  // namespace muster::agent
