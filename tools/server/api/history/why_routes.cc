#include <nlohmann/json.hpp>

#include "core/domain/decide/release_name.h"
#include "tools/server/api/api.h"
#include "tools/server/api/history/event_line.h"
#include "tools/server/api/history/history_sight.h"
#include "tools/server/api/history/why.h"
#include "tools/server/api/past/moment.h"
#include "tools/server/api/routes.h"

// Why a device should run what it should run.

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

Json render(const Query& query, const Why& why, HistorySight& sight) {
  Names names(query.reader);
  Json chain = Json::array();
  for (const Cause& cause : why.chain) {
    Json link{{"role", to_string(cause.role)}};
    link.update(event_line(cause.event, names, sight));
    chain.push_back(std::move(link));
  }
  const auto& release = why.release;
  return Json{{"device", to_string(why.device.uuid)},
              {"fleet", why.fleet.slug},
              {"lifecycle", to_string(why.lifecycle)},
              {"policy", why.device.pin ? "pinned" : "tracking"},
              {"fleet_policy", to_string(why.fleet.policy)},
              {"target_release", release ? Json(release->commit) : Json(nullptr)},
              {"target_version", release ? Json(version_text(*release)) : Json(nullptr)},
              {"target_seq", why.target_sequence.value()},
              {"chain", std::move(chain)},
              {"position", query.reader.position().value()}};
}

HttpResult<HttpResponse> why_device(const Query& query) {
  HistorySight sight(query.reader, query.caller, query.sight);
  const auto device = sight.device(query.match.at("device"));
  if (!device) return tl::unexpected(device.error());
  const auto why = find_why(query.reader, events_of(query), *device);
  if (!why) return tl::unexpected(unreadable_problem(why.error()));
  return entity_response(render(query, *why, sight));
}

}  // namespace

void add_why_routes(Api& api) { api.long_query("/v1/devices/{device}/why", why_device); }

}  // namespace muster
