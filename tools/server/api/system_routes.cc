#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"
#include "tools/server/checkpoints/checkpoint_thread.h"
#include "tools/server/version.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

Json render_reconciled(const ReconcileReport& report) {
  const ReconcileCounts& counts = report.counts;
  return Json{{"at", to_rfc3339(report.at)},     {"retained", counts.retained},
              {"missing", counts.missing},       {"older", counts.older},
              {"unreadable", counts.unreadable}, {"cleared", counts.cleared},
              {"newer", counts.newer},           {"seconds", report.seconds}};
}

Json render_broker(const Query& query) {
  const BridgeHealth health = query.parts.broker();
  const HostPort& address = query.parts.answers.mqtt;
  return Json{
      {"address", to_string(address)},
      {"connected", health.connected},
      {"connections", health.connections},
      {"checks_keys", health.guarded},
      {"low_water", health.low_water.value()},
      {"in_flight", health.in_flight},
      {"published", health.published},
      {"refused_messages", health.refused},
      {"last_problem", health.last_problem.empty() ? Json(nullptr) : Json(health.last_problem)},
      {"alarm", health.alarm.empty() ? Json(nullptr) : Json(health.alarm)},
      {"reconciled", health.reconciled ? render_reconciled(*health.reconciled) : Json(nullptr)}};
}

Json render_clock_alarm(const Query& query) {
  const auto alarm = query.parts.engine.clock_alarm();
  if (!alarm) return nullptr;
  return Json{{"last_event", to_rfc3339(alarm->last_event)},
              {"wall", to_rfc3339(alarm->wall)},
              {"remedy", "if the wall clock is right: muster clock accept"}};
}

Json render_checkpoint(const CheckpointThread& checkpoints) {
  const auto latest = checkpoints.latest();
  const std::string problem = checkpoints.problem();
  return Json{{"signed_events", latest ? latest->checkpoint.head.size : 0},
              {"problem", problem.empty() ? Json(nullptr) : Json(problem)}};
}

HttpResult<HttpResponse> status(const Query& query) {
  return entity_response(Json{{"status", "ok"},
                              {"muster", version_text_of_program()},
                              {"log", Json{{"uuid", to_string(query.parts.answers.identity.log)},
                                           {"epoch", query.parts.answers.identity.epoch},
                                           {"head", query.parts.log.head().value()}}},
                              {"views", Json{{"position", query.reader.position().value()}}},
                              {"checkpoint", render_checkpoint(query.parts.checkpoints)},
                              {"broker", render_broker(query)},
                              {"clock_alarm", render_clock_alarm(query)},
                              {"time", to_rfc3339(query.now)}});
}

HttpResult<HttpResponse> whoami(const Query& query) {
  const auto& limit = query.caller.token.role_limit;
  const auto& end = query.caller.token.expires_at;
  return entity_response(
      Json{{"user", query.caller.user.username},
           {"token", query.caller.token.name},
           {"role_limit", limit ? Json(to_string(*limit)) : Json(nullptr)},
           {"expires_at", end ? Json(to_rfc3339(*end)) : Json(nullptr)},
           {"instance_roles", render_instance_roles(query.caller.asker.instance_roles)}});
}

void reconcile_broker(const Api::TaskRequest& request, Api::TaskDone done) {
  if (const auto problem = request.body.finish()) return done(tl::unexpected(*problem));
  request.parts.reconcile([done = std::move(done)](const Result<ReconcileReport>& report) {
    if (!report) return done(tl::unexpected(to_problem(report.error())));
    done(entity_response(render_reconciled(*report)));
  });
}

CommandBody accept_clock(const Build& build) {
  const auto alarm = build.parts.engine.clock_alarm();
  if (!alarm) return AcceptClock{};
  return AcceptClock{.last_event = alarm->last_event, .wall = alarm->wall};
}

}  // namespace

void add_system_routes(Api& api) {
  api.query("/v1/status", status);
  api.query("/v1/whoami", whoami);
  api.command("clock.accept", HttpMethod::post, "/v1/clock/accept", accept_clock);
  api.task("/v1/broker/reconcile", {.entity = "broker", .also = {}}, reconcile_broker);
}

}  // namespace muster
