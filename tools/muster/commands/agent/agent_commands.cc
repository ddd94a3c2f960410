#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "tools/agent/agent.h"
#include "tools/agent/provisioning/provisioning.h"
#include "tools/mqtt/broker_url.h"
#include "tools/muster/commands/agent/parts.h"
#include "tools/muster/commands/broker_options.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/stop_on_signal.h"

namespace muster::cli {
namespace {

struct RunOptions {
  agent::AgentOptions agent;
  std::string mqtt;
  TlsFiles tls;
  std::vector<std::filesystem::path> devices;
  agent::ProvisioningOptions provisioning;
  unsigned step_ms = 50;
  unsigned hook_time_s = 1800;
  std::string encoding;
};

Result<void> set_broker(const RunOptions& options, agent::AgentOptions& settings) {
  auto url = parse_broker_url(options.mqtt);
  if (!url) return tl::unexpected(url.error());
  if (!url->username.empty()) {
    return fail(ErrorCode::invalid_input,
                "--mqtt takes no user here: each device has its own password");
  }
  auto tls = tls_for(*url, options.tls);
  if (!tls) return tl::unexpected(tls.error());
  settings.mqtt_host = std::move(url->address.host);
  settings.mqtt_port = url->address.port;
  settings.tls = std::move(*tls);
  return {};
}

/// The device that registers itself, or has.
Outcome add_own_device(const RunOptions& options, agent::AgentOptions& settings) {
  if (options.provisioning.key_file.empty()) {
    if (!settings.devices.empty()) return {};
    return wrong_usage("no device is given", "Say --device, or --provision-key.");
  }
  auto provisioning = options.provisioning;
  provisioning.folder = settings.folder;
  auto own = agent::provision(provisioning);
  if (!own) return failed(own.error());
  settings.devices.push_back(std::move(*own));
  return {};
}

Outcome run_devices(Session& session, const RunOptions& options) {
  auto settings = options.agent;
  if (auto set = set_broker(options, settings); !set) return failed(set.error());
  auto devices = read_all_credentials(options.devices);
  if (!devices) return failed(devices.error());
  settings.devices = std::move(*devices);
  if (auto joined = add_own_device(options, settings); !joined) return joined;
  settings.step_time = std::chrono::milliseconds(options.step_ms);
  settings.hook_time_max = std::chrono::seconds(options.hook_time_s);
  settings.encoding = parse_encoding(options.encoding);
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

void add_provisioning(CLI::App& command, agent::ProvisioningOptions& provisioning) {
  auto* server =
      command.add_option("--server", provisioning.server, "Where a device registers itself, once")
          ->option_text("URL");
  command
      .add_option("--provision-key", provisioning.key_file,
                  "File with a fleet's provisioning key; what the device gets is kept in --dir")
      ->needs(server)
      ->option_text("FILE");
  command.add_option("--name", provisioning.name, "The name it registers itself with")
      ->option_text("NAME");
}

}  // namespace

Result<std::vector<agent::DeviceCredentials>> read_all_credentials(
    const std::vector<std::filesystem::path>& files) {
  std::vector<agent::DeviceCredentials> all;
  for (const auto& file : files) {
    auto some = agent::read_credentials(file);
    if (!some) return some;
    for (auto& each : *some) all.push_back(std::move(each));
  }
  return all;
}

void add_agent_commands(CLI::App& app, Invocation& invocation) {
  auto& group = add_group(app, "agent", "The reference device: does what it is told over MQTT");
  add_simulation(group, invocation);
  auto& command =
      add_read(group, invocation,
               {"run", "Be one or more devices until told to stop",
                "device register acme/thermo --json > kitchen-1.json\n"
                "agent run --dir devices --mqtt 127.0.0.1:7883 --device kitchen-1.json\n"
                "agent run --dir device --mqtt 127.0.0.1:7883 --server http://127.0.0.1:7880 "
                "--provision-key line-3.key\n"
                "agent run --dir device --mqtt 127.0.0.1:7883 --device kitchen-1.json "
                "--action-hook ./actions.sh --boot-id \"$(cat /proc/sys/kernel/random/boot_id)\""});
  const auto options = std::make_shared<RunOptions>();
  auto& agent = options->agent;
  command.add_option("--dir", agent.folder, "Where the devices keep their state; made if missing")
      ->required()
      ->option_text("DIR");
  command
      .add_option("--mqtt", options->mqtt, "The broker: HOST:PORT, or mqtts://HOST:PORT with TLS")
      ->required()
      ->option_text("BROKER");
  add_broker_tls(command, options->tls);
  command
      .add_option("--device", options->devices,
                  "What `muster device register --json` printed, for one or more devices")
      ->option_text("FILE...");
  add_provisioning(command, options->provisioning);
  command.add_option("--hook", agent.hook, "Program for each step [default: steps are simulated]")
      ->option_text("PROGRAM");
  command
      .add_option("--action-hook", agent.action_hook,
                  "Program for actions, such as a reboot [default: they are simulated]")
      ->option_text("PROGRAM");
  command
      .add_option("--hook-time-s", options->hook_time_s, "How long a hook may take [default: 1800]")
      ->check(whole_number)
      ->option_text("N");
  command
      .add_option("--step-ms", options->step_ms, "How long a simulated step takes [default: 50]")
      ->check(whole_number)
      ->option_text("N");
  command
      .add_option("--encoding", options->encoding,
                  "How messages are written: json or flatbuffers [default: as registered]")
      ->check(CLI::IsMember({"json", "flatbuffers"}))
      ->option_text("ENCODING");
  add_device_claims(command, agent);
  runs(command, invocation, options, run_devices);
  add_check(group, invocation);
}

}  // namespace muster::cli
