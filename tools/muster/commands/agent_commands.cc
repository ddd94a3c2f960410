#include <fmt/format.h>

#include <unistd.h>
#include <array>
#include <chrono>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <stop_token>
#include <thread>

#include "tools/agent/agent.h"
#include "tools/http/host_port.h"
#include "tools/muster/commands/commands.h"

namespace muster::cli {
namespace {

struct RunOptions {
  agent::AgentOptions agent;
  std::string mqtt;
  std::vector<std::filesystem::path> devices;
  unsigned step_ms = 50;
  unsigned hook_time_s = 1800;
};

/// Requests a stop at the first SIGINT or SIGTERM, and ends the process at the second. Make it
/// before any other thread, which inherits that these signals are blocked.
class StopOnSignal {
 public:
  StopOnSignal() {
    sigemptyset(&signals_);
    for (const int signal : {SIGINT, SIGTERM}) sigaddset(&signals_, signal);
    ::pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    waiter_ = std::jthread([this](const std::stop_token& done) { wait(done); });
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;
  ~StopOnSignal() {
    waiter_ = {};
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

  [[nodiscard]] std::stop_token token() const { return stop_.get_token(); }

 private:
  void wait(const std::stop_token& done) {
    constexpr timespec look_every{0, 100'000'000};
    while (!done.stop_requested()) {
      const int signal = ::sigtimedwait(&signals_, nullptr, &look_every);
      if (signal > 0 && !stop_.request_stop()) ::_exit(128 + signal);
    }
  }

  sigset_t signals_{};
  sigset_t before_{};
  std::stop_source stop_;
  std::jthread waiter_;
};

Outcome run_devices(Session& session, const RunOptions& options) {
  auto settings = options.agent;
  const auto where = parse_host_port(options.mqtt);
  if (!where) return failed(where.error());
  settings.mqtt_host = where->host;
  settings.mqtt_port = where->port;
  for (const auto& file : options.devices) {
    auto credentials = agent::read_credentials(file);
    if (!credentials) return failed(credentials.error());
    for (auto& each : *credentials) settings.devices.push_back(std::move(each));
  }
  settings.step_time = std::chrono::milliseconds(options.step_ms);
  settings.hook_time_max = std::chrono::seconds(options.hook_time_s);
  settings.json = session.json();
  const StopOnSignal signals;
  const auto ran = agent::run_agent(settings, signals.token());
  if (!ran) return failed(ran.error());
  return {};
}

void add_device_claims(CLI::App& command, agent::AgentOptions& agent) {
  command.add_option("--os-version", agent.os_version, "What the devices say [default: 6.1.0]")
      ->option_text("VERSION");
  command.add_option("--os-variant", agent.os_variant, "prod or dev [default: prod]")
      ->check(CLI::IsMember({"prod", "dev"}))
      ->option_text("VARIANT");
  command
      .add_option("--agent-version", agent.agent_version, "What the devices say [default: 1.1.0]")
      ->option_text("VERSION");
  command
      .add_option("--boot-id", agent.boot_id,
                  "What the devices say [default: a fresh one for each start]")
      ->option_text("ID");
}

}  // namespace

void add_agent_commands(CLI::App& app, Invocation& invocation) {
  auto& group = add_group(app, "agent", "The reference device: does what it is told over MQTT");
  auto& command =
      add_read(group, invocation,
               {"run", "Be one or more devices until told to stop",
                "device register acme/thermo --json > kitchen-1.json\n"
                "agent run --dir devices --mqtt 127.0.0.1:7883 --device kitchen-1.json"});
  const auto options = std::make_shared<RunOptions>();
  auto& agent = options->agent;
  command.add_option("--dir", agent.folder, "Where the devices keep their state; made if missing")
      ->required()
      ->option_text("DIR");
  command.add_option("--mqtt", options->mqtt, "The broker")->required()->option_text("HOST:PORT");
  command
      .add_option("--device", options->devices,
                  "What `muster device register --json` printed, for one or more devices")
      ->required()
      ->option_text("FILE...");
  command.add_option("--hook", agent.hook, "Program for each step [default: steps are simulated]")
      ->option_text("PROGRAM");
  command
      .add_option("--hook-time-s", options->hook_time_s, "How long a hook may take [default: 1800]")
      ->check(whole_number)
      ->option_text("N");
  command
      .add_option("--step-ms", options->step_ms, "How long a simulated step takes [default: 50]")
      ->check(whole_number)
      ->option_text("N");
  add_device_claims(command, agent);
  runs(command, invocation, options, run_devices);
}

}  // namespace muster::cli
