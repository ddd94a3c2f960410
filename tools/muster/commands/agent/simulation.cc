#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/log.h"
#include "tools/agent/simulate/simulation.h"
#include "tools/agent/support/files.h"
#include "tools/muster/commands/agent/parts.h"
#include "tools/muster/commands/broker_options.h"
#include "tools/muster/output/text.h"
#include "tools/muster/stop_on_signal.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

namespace fs = std::filesystem;
using agent::SimulationCounts;
using std::chrono::steady_clock;

constexpr auto progress_every = std::chrono::seconds(1);

struct SimulateOptions {
  agent::SimulationOptions simulation;
  std::size_t count = 0;
  fs::path folder;
  std::string mqtt;
  std::vector<fs::path> devices;
  std::string fleet;
  std::string encoding;
  unsigned latency_ms = 200;
  std::optional<unsigned> duration_s;
};

std::string counts_line(const SimulationCounts& counts) {
  return fmt::format(
      "{} devices: {} connected, {} on target; {} targets, {} steps and {} actions done, {} "
      "failed, "
      "{} crashes, {} reconnects, {} refused, {} unusable messages",
      counts.devices, counts.connected, counts.on_target, counts.targets, counts.steps,
      counts.actions, counts.failures, counts.crashes, counts.reconnects, counts.refused,
      counts.unusable);
}

Json counts_json(const SimulationCounts& counts) {
  return Json{{"devices", counts.devices},       {"connected", counts.connected},
              {"on_target", counts.on_target},   {"targets", counts.targets},
              {"steps", counts.steps},           {"actions", counts.actions},
              {"failures", counts.failures},     {"crashes", counts.crashes},
              {"reconnects", counts.reconnects}, {"refused", counts.refused},
              {"unusable", counts.unusable}};
}

/// On standard output, at once.
void print_counts(const SimulationCounts& counts, bool json, bool final) {
  auto line = counts_line(counts);
  if (json) {
    auto object = counts_json(counts);
    object["final"] = final;
    line = object.dump();
  }
  fmt::print(stdout, "{}\n", line);
  std::fflush(stdout);
}

/// The devices a simulation has registered, kept in its folder: one a line, as the server
/// answered. Readable by their owner only, for their passwords are in it.
class Roll {
 public:
  explicit Roll(const fs::path& folder) : path_(folder / "devices.json") {}

  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

  [[nodiscard]] Result<std::size_t> size() const {
    std::error_code error;
    if (!fs::exists(path_, error)) return 0;
    const auto known = agent::read_credentials(path_);
    if (!known) return tl::unexpected(known.error());
    return known->size();
  }

  [[nodiscard]] Result<void> add(const Json& device) const {
    const UniqueFd file(
        ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
    const auto line = fmt::format("{}\n", device.dump());
    const auto written = file.is_open() ? ::write(file.get(), line.data(), line.size()) : -1;
    if (written == static_cast<ssize_t>(line.size())) return {};
    return fail(ErrorCode::failed,
                fmt::format("cannot write {}: {}", path_.string(), std::strerror(errno)));
  }

 private:
  fs::path path_;
};

/// Registers devices until the folder knows `count`.
Outcome register_missing(Session& session, const SimulateOptions& options, const Roll& roll,
                         const std::stop_token& stop) {
  const auto known = roll.size();
  if (!known) return failed(known.error());
  const auto path = fleet_path(options.fleet);
  if (!path) return tl::unexpected(path.error());
  auto next_said = steady_clock::now() + progress_every;
  for (std::size_t i = *known; i < options.count && !stop.stop_requested(); ++i) {
    const auto answer = session.change(HttpMethod::post, *path + "/devices", JsonBody{});
    if (!answer) return tl::unexpected(answer.error());
    const Json device{{"uuid", answer->at("uuid")},
                      {"encoding", answer->at("encoding")},
                      {"mqtt", answer->at("mqtt")}};
    if (const auto added = roll.add(device); !added) return failed(added.error());
    if (steady_clock::now() < next_said) continue;
    next_said += progress_every;
    session.around().err(fmt::format("registered {} of {}\n", i + 1, options.count));
  }
  return {};
}

Result<std::vector<agent::DeviceCredentials>> chosen_devices(const SimulateOptions& options,
                                                             const Roll& roll) {
  auto devices = options.fleet.empty() ? read_all_credentials(options.devices)
                                       : agent::read_credentials(roll.path());
  if (!devices) return devices;
  if (devices->size() < options.count) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} devices are wanted, and there are credentials for {}",
                            options.count, devices->size()));
  }
  devices->resize(options.count);
  return devices;
}

Outcome play(Session& session, const SimulateOptions& options, const HostPort& broker,
             const Roll& roll, const StopOnSignal& signals) {
  auto settings = options.simulation;
  auto devices = chosen_devices(options, roll);
  if (!devices) return failed(devices.error());
  settings.devices = std::move(*devices);
  settings.mqtt_host = broker.host;
  settings.mqtt_port = broker.port;
  settings.encoding = parse_encoding(options.encoding);
  settings.latency = std::chrono::milliseconds(options.latency_ms);
  if (options.duration_s) settings.duration = std::chrono::seconds(*options.duration_s);
  settings.show = [&](const SimulationCounts& counts) {
    print_counts(counts, session.json(), false);
  };
  const auto played = agent::run_simulation(settings, signals.token());
  if (!played) return failed(played.error());
  print_counts(*played, session.json(), true);
  return {};
}

Outcome simulate(Session& session, const SimulateOptions& options) {
  if (options.fleet.empty() == options.devices.empty()) {
    return wrong_usage("a simulation needs --fleet SLUG or --device FILE...",
                       "--fleet registers the devices; --device names registered ones");
  }
  const auto broker = plain_broker(options.mqtt);
  if (!broker) return failed(broker.error());
  configure_logging(Severity::warn);
  std::error_code error;
  fs::create_directories(options.folder, error);
  if (error) {
    return failed(Error{ErrorCode::failed, fmt::format("cannot make {}: {}",
                                                       options.folder.string(), error.message())});
  }
  const auto lock = agent::lock_folder(options.folder);
  if (!lock) return failed(lock.error());
  const StopOnSignal signals;
  const Roll roll(options.folder);
  if (!options.fleet.empty()) {
    auto registered = register_missing(session, options, roll, signals.token());
    if (!registered || signals.token().stop_requested()) return registered;
  }
  return play(session, options, *broker, roll, signals);
}

void add_devices(CLI::App& agent, SimulateOptions& options) {
  agent.add_option("--dir", options.folder, "Where the registered devices are remembered")
      ->option_text("DIR");
  agent.add_option("--mqtt", options.mqtt, "The broker")->option_text("HOST:PORT");
  agent
      .add_option("--fleet", options.fleet,
                  "Register devices in this fleet, as many as the folder does not know yet")
      ->option_text("SLUG");
  agent.add_option("--device", options.devices, "Or: credentials of registered devices")
      ->option_text("FILE...");
}

void add_knobs(CLI::App& agent, SimulateOptions& options) {
  auto& simulation = options.simulation;
  agent
      .add_option("--latency-ms", options.latency_ms,
                  "How long a step takes: half to one and a half of it [default: 200]")
      ->check(whole_number)
      ->option_text("N");
  agent
      .add_option("--failure-rate", simulation.failure_rate,
                  "Of steps and actions, 0 to 1 [default: 0]")
      ->check(CLI::Range(0.0, 1.0))
      ->option_text("RATE");
  agent
      .add_option("--disconnect-rate", simulation.disconnect_rate,
                  "Connections that break, for each device in an hour [default: 0]")
      ->check(CLI::NonNegativeNumber)
      ->option_text("RATE");
  agent
      .add_option("--crash-rate", simulation.crash_rate,
                  "Devices that crash and start again, for each in an hour [default: 0]")
      ->check(CLI::NonNegativeNumber)
      ->option_text("RATE");
  agent
      .add_option("--ledger", simulation.ledger,
                  "Append each effect of an action to this file, one JSON object a line")
      ->option_text("FILE");
  agent.add_option("--seed", simulation.seed, "The same seed, the same draws [default: 1]")
      ->check(whole_number)
      ->option_text("N");
  agent.add_option("--for-s", options.duration_s, "How long [default: until it is told to stop]")
      ->check(whole_number)
      ->option_text("N");
  agent
      .add_option("--encoding", options.encoding,
                  "How messages are written: json or flatbuffers [default: as registered]")
      ->check(CLI::IsMember({"json", "flatbuffers"}))
      ->option_text("ENCODING");
}

}  // namespace

void add_simulation(CLI::App& agent, Invocation& invocation) {
  const auto options = std::make_shared<SimulateOptions>();
  auto* count = agent
                    .add_option("--simulate", options->count,
                                "Be N light devices in one process, at most 25000")
                    ->check(whole_number)
                    ->option_text("N");
  add_devices(agent, *options);
  add_knobs(agent, *options);
  for (auto* option : agent.get_options()) {
    if (option != count && option != agent.get_help_ptr()) option->needs(count);
  }
  agent.add_flag("--json", invocation.json, "Answer and problems as JSON");
  agent.require_subcommand(0, 1);
  agent.footer(
      "Example:\n"
      "  muster agent --simulate 1000 --dir crowd --mqtt 127.0.0.1:7883 --fleet acme/thermo\n"
      "  muster agent --simulate 1000 --dir crowd --mqtt 127.0.0.1:7883 --fleet acme/thermo \\\n"
      "    --failure-rate 0.01 --disconnect-rate 2 --seed 7 --for-s 600 --json");
  agent.callback([&agent, &invocation, count, options] {
    if (!agent.get_subcommands().empty()) return;
    if (count->empty()) throw CLI::RequiredError("A command or --simulate");
    for (const auto* name : {"--dir", "--mqtt"}) {
      if (agent.get_option(name)->empty()) throw CLI::RequiredError(name);
    }
    invocation.run = [options](Session& session) { return simulate(session, *options); };
  });
}

}  // namespace muster::cli
