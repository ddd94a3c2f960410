#include "tools/agent/check/contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "tools/muster/commands/agent/parts.h"
#include "tools/muster/commands/broker_options.h"
#include "tools/muster/stop_on_signal.h"

namespace muster::cli {
namespace {

using agent::CheckLine;
using agent::Verdict;

struct CheckCommand {
  std::string command;
  std::vector<std::filesystem::path> device;
  std::string mqtt;
  unsigned connect_s = 60;
  unsigned step_s = 60;
  unsigned reconnect_s = 60;
  unsigned quiet_ms = 1'500;
  unsigned spread_s = 2;
};

/// On standard output, at once: a check takes its time.
void print_line(const std::string& line) {
  fmt::print(stdout, "{}\n", line);
  std::fflush(stdout);
}

std::string line_text(const CheckLine& line) {
  return fmt::format("{:<4}  {:<3} {}  ({})", to_string(line.verdict), line.number, line.rule,
                     line.seen);
}

Json line_json(const CheckLine& line) {
  const auto* verdict = line.verdict == Verdict::passed   ? "pass"
                        : line.verdict == Verdict::failed ? "fail"
                                                          : "skip";
  return Json{
      {"number", line.number}, {"rule", line.rule}, {"verdict", verdict}, {"seen", line.seen}};
}

std::size_t count(const std::vector<CheckLine>& lines, Verdict verdict) {
  return static_cast<std::size_t>(std::ranges::count(lines, verdict, &CheckLine::verdict));
}

Result<agent::CheckOptions> options_of(const CheckCommand& command) {
  agent::CheckOptions options;
  options.command = command.command;
  options.connect_max = std::chrono::seconds(command.connect_s);
  options.step_max = std::chrono::seconds(command.step_s);
  options.reconnect_max = std::chrono::seconds(command.reconnect_s);
  options.quiet = std::chrono::milliseconds(command.quiet_ms);
  options.spread_s = command.spread_s;
  if (!command.mqtt.empty()) {
    const auto where = plain_broker(command.mqtt);
    if (!where) return tl::unexpected(where.error());
    options.mqtt_host = where->host;
    options.mqtt_port = where->port;
  }
  const auto devices = read_all_credentials(command.device);
  if (!devices) return tl::unexpected(devices.error());
  if (devices->size() > 1) {
    return fail(ErrorCode::invalid_input, "a check is of one device; the file holds several");
  }
  if (!devices->empty()) options.credentials = devices->front();
  return options;
}

Outcome check(Session& session, const CheckCommand& command) {
  configure_logging(Severity::warn);
  auto options = options_of(command);
  if (!options) return failed(options.error());
  const StopOnSignal signals;
  options->stopped = [token = signals.token()] { return token.stop_requested(); };
  if (command.command.empty()) {
    options->ready = [&session](const std::string& credentials) {
      session.around().err(
          fmt::format("Connect the device with these credentials:\n{}\n", credentials));
    };
  }
  if (!session.json()) {
    options->show = [](const CheckLine& line) { print_line(line_text(line)); };
  }
  const auto lines = agent::check_contract(*options);
  if (!lines) return failed(lines.error());
  const auto broken = count(*lines, Verdict::failed);
  if (session.json()) {
    Json rules = Json::array();
    for (const CheckLine& line : *lines) rules.push_back(line_json(line));
    session.print_json(Json{{"passed", count(*lines, Verdict::passed)},
                            {"failed", broken},
                            {"skipped", count(*lines, Verdict::skipped)},
                            {"rules", std::move(rules)}});
  } else {
    print_line(fmt::format("{} passed, {} failed, {} skipped", count(*lines, Verdict::passed),
                           broken, count(*lines, Verdict::skipped)));
  }
  return broken > 0 ? ended_with(static_cast<int>(ExitCode::refused)) : Outcome{};
}

void add_seconds(CLI::App& command, const std::string& name, unsigned& value,
                 const std::string& help) {
  command.add_option(name, value, help)->check(whole_number)->option_text("N");
}

}  // namespace

void add_check(CLI::App& agent, Invocation& invocation) {
  auto& command = add_read(
      agent, invocation,
      {"check",
       "Go through the device channel with a device of any make, and say what it gets wrong",
       "agent check --exec './my-device \"$MUSTER_MQTT_HOST\" \"$MUSTER_MQTT_PORT\"'\n"
       "agent check --wait-s 600 --json"});
  command.footer(command.get_footer() +
                 "\n\nThe numbers are those of docs/device-channel.md. The device is told in its "
                 "environment with what to connect:\nMUSTER_MQTT_HOST, _PORT, _CLIENT_ID, "
                 "_USERNAME, _PASSWORD, MUSTER_DEVICE_UUID, and in the file\nMUSTER_DEVICE_FILE "
                 "as `muster device register --json` prints it. Exit code 1: a rule is broken.");
  const auto options = std::make_shared<CheckCommand>();
  command.add_option("--exec", options->command, "Starts the device, in a shell [default: you do]")
      ->option_text("COMMAND");
  command.add_option("--device", options->device, "The device's credentials [default: made up]")
      ->option_text("FILE");
  command
      .add_option("--mqtt", options->mqtt,
                  "A broker that lets everybody do everything [default: one of its own]")
      ->option_text("HOST:PORT");
  add_seconds(command, "--wait-s", options->connect_s,
              "How long to wait for it, also when it is started again [default: 60]");
  add_seconds(command, "--step-s", options->step_s,
              "How long it may take to run a release [default: 60]");
  add_seconds(command, "--reconnect-s", options->reconnect_s,
              "How long it may take to come back [default: 60]");
  add_seconds(command, "--spread-s", options->spread_s,
              "Over how long it may spread what it says again [default: 2]");
  add_seconds(command, "--quiet-ms", options->quiet_ms,
              "How long to listen for what must not come [default: 1500]");
  runs(command, invocation, options, check);
}

}  // namespace muster::cli
