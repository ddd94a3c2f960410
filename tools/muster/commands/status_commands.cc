#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

Outcome status(Session& session) { return show_one(session, "/v1/status"); }

Outcome broker_status(Session& session) {
  const auto answer = session.get("/v1/status");
  if (!answer) return tl::unexpected(answer.error());
  print_details(session, has(*answer, "broker") ? answer->at("broker") : Json::object());
  return {};
}

Outcome reconcile_broker(Session& session) {
  const auto answer = session.change(HttpMethod::post, "/v1/broker/reconcile", {});
  if (!answer) return tl::unexpected(answer.error());
  print_details(session, *answer);
  return {};
}

Outcome accept_clock(Session& session) {
  return change_and_report(session, HttpMethod::post, "/v1/clock/accept", {},
                           {"the server's clock is accepted", "accept the server's clock",
                            "the server's clock is not in doubt"});
}

}  // namespace

void add_status_commands(CLI::App& app, Invocation& invocation) {
  runs(add_read(app, invocation,
                {"status", "Show how the server is: log, lists, broker, clock", "status --json"}),
       invocation, status);
  auto& broker = add_group(app, "broker", "The MQTT broker between server and devices");
  runs(add_read(broker, invocation,
                {"status", "Show the server's connection to the broker", "broker status"}),
       invocation, broker_status);
  runs(add_read(broker, invocation,
                {"reconcile", "Compare what the broker has with the log, and mend what differs",
                 "broker reconcile"}),
       invocation, reconcile_broker);
  auto& clock = add_group(app, "clock", "The server's wall clock");
  runs(add_change(clock, invocation,
                  {"accept", "Accept a clock that is far ahead of the last event",
                   "clock accept --reason 'the server was off for a year'"}),
       invocation, accept_clock);
}

}  // namespace muster::cli
