#include "core/base/log.h"
#include "tools/muster/commands/broker_options.h"
#include "tools/muster/commands/commands.h"
#include "tools/server/server.h"

namespace muster::cli {
namespace {

struct ServeOptions {
  ServerOptions server;
  std::string log_level = "info";
};

Severity severity_of(const std::string& level) {
  if (level == "debug") return Severity::debug;
  if (level == "warn") return Severity::warn;
  if (level == "error") return Severity::error;
  return Severity::info;
}

Outcome serve(Session& /*session*/, const ServeOptions& options) {
  configure_logging(severity_of(options.log_level));
  return ended_with(run_server(options.server));
}

}  // namespace

void add_serve_commands(CLI::App& app, Invocation& invocation) {
  auto& command = add_command(app, {"serve", "Run a server until it is told to stop",
                                    "serve --data data\n"
                                    "serve --data data --mqtt mqtt://127.0.0.1:1883\n"
                                    "serve --data data --mqtt mqtts://broker.example.org:8883 "
                                    "--broker-ca ca.pem"});
  const auto options = std::make_shared<ServeOptions>();
  auto& server = options->server;
  command.add_option("--data", server.data, "Where everything is kept; made if it is missing")
      ->required()
      ->option_text("DIR");
  command.add_option("--http", server.http, "Where to answer requests [default: 127.0.0.1:7880]")
      ->option_text("HOST:PORT");
  command
      .add_option("--mqtt", server.mqtt,
                  "The broker: embedded, mqtt://HOST:PORT on this machine, or mqtts://HOST:PORT "
                  "with TLS; USER:PASSWORD@ before HOST [default: embedded]")
      ->option_text("BROKER");
  add_broker_tls(command, server.broker_tls);
  command
      .add_option("--mqtt-listen", server.mqtt_listen,
                  "Where the embedded broker listens [default: 127.0.0.1:7883]")
      ->option_text("HOST:PORT");
  command
      .add_option("--spread-s", server.spread_s,
                  "Over how many seconds devices announce themselves anew [default: 30]")
      ->check(whole_number)
      ->option_text("N");
  command
      .add_option("--public-domain", server.public_domain,
                  "Domain of the devices' public URLs, https://UUID.DOMAIN [default: none]")
      ->option_text("DOMAIN");
  command
      .add_option("--origin", server.origin,
                  "Name of this log in its checkpoints, for good [default: muster]")
      ->option_text("NAME");
  command
      .add_option("--checkpoint-every-s", server.checkpoint_every_s,
                  "Every how many seconds new events are signed [default: 10]")
      ->check(whole_number)
      ->check(CLI::Range(1U, 86'400U))
      ->option_text("N");
  command
      .add_option(
          "--backups", server.backups,
          "Where `muster backup create` puts backups; made if it is missing [default: none]")
      ->option_text("DIR");
  command.add_option("--log-level", options->log_level, "What to log [default: info]")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->option_text("debug|info|warn|error");
  runs(command, invocation, options, serve);
}

}  // namespace muster::cli
