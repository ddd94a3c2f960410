#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/commands/names.h"
#include "tools/server/api/history/event_line.h"
#include "tools/server/api/history/history_sight.h"
#include "tools/server/api/past/moment.h"
#include "tools/server/api/past/target_diff.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

// Whose targets changed between two moments.

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

/// The fleets that are looked at: one, or all that the caller sees.
HttpResult<std::vector<FleetId>> fleets_of(const Query& query, HistorySight& sight) {
  std::vector<FleetId> fleets;
  if (const std::string* slug = query.request.parameter("fleet")) {
    const auto fleet = sight.fleet(*slug);
    if (!fleet) return tl::unexpected(fleet.error());
    return std::vector{fleet->id};
  }
  query.reader.each_fleet([&](const Fleet& fleet) {
    if (sight.sees(fleet.id)) fleets.push_back(fleet.id);
    return true;
  });
  return fleets;
}

HttpResult<DeviceId> read_after(const Query& query) {
  const std::string* given = query.request.parameter("after");
  if (given == nullptr) return DeviceId{};
  const auto number = parse_decimal(*given);
  if (number && *number <= UINT32_MAX) return DeviceId{static_cast<std::uint32_t>(*number)};
  return tl::unexpected(invalid_parameter_problem("after", "the `next` of the page before"));
}

Json render(const TargetChange& change, const Recorded& cause, Names& names) {
  const auto commit = [&names](const std::optional<ReleaseId>& id) {
    return id ? Json(names.of(*id)) : Json(nullptr);
  };
  const EventMeta& meta = cause.meta;
  return Json{{"device", names.of(change.device)},
              {"fleet", names.of(change.fleet)},
              {"from", commit(change.from)},
              {"to", commit(change.to)},
              {"event", name_of(cause.event)},
              {"sequence", cause.sequence.value()},
              {"at", to_rfc3339(meta.at)},
              {"actor", actor_name(meta.actor.user, names)},
              {"reason", meta.reason.empty() ? Json(nullptr) : Json(meta.reason)}};
}

Result<Json> render(const Query& query, const std::vector<TargetChange>& changes) {
  std::vector<Sequence> places;
  for (const TargetChange& change : changes) places.push_back(change.by);
  std::ranges::sort(places);
  const auto doubles = std::ranges::unique(places);
  places.erase(doubles.begin(), doubles.end());
  return events_of(query).at(places).map([&](const std::vector<Recorded>& causes) {
    Names names(query.reader);
    Json items = Json::array();
    for (const TargetChange& change : changes) {
      const auto cause = std::ranges::lower_bound(causes, change.by, {}, &Recorded::sequence);
      items.push_back(render(change, *cause, names));
    }
    return items;
  });
}

HttpResult<HttpResponse> diff(const Query& query) {
  const auto from = moment_of(query, "from");
  if (!from) return tl::unexpected(from.error());
  const auto to = moment_of(query, "to");
  if (!to) return tl::unexpected(to.error());
  if (from->sequence > to->sequence) {
    return tl::unexpected(invalid_parameter_problem("from", "a moment before `to`"));
  }
  const auto limit = page_limit(query);
  if (!limit) return tl::unexpected(limit.error());
  const auto after = read_after(query);
  if (!after) return tl::unexpected(after.error());
  HistorySight sight(query.reader, query.caller, query.sight);
  const auto fleets = fleets_of(query, sight);
  if (!fleets) return tl::unexpected(fleets.error());
  const EventFetch events = events_of(query);
  TargetDiff diff(query.reader, events, *fleets, from->sequence, to->sequence);
  if (const auto done = diff.prepare(); !done) {
    return tl::unexpected(unreadable_problem(done.error()));
  }
  auto changes = diff.changes(*after, *limit + std::size_t{1});
  const bool more = changes.size() > *limit;
  if (more) changes.pop_back();
  auto items = render(query, changes);
  if (!items) return tl::unexpected(unreadable_problem(items.error()));
  return entity_response(
      Json{{"from", render(*from)},
           {"to", render(*to)},
           {"items", *std::move(items)},
           {"next", more ? Json(fmt::format("{}", changes.back().device.value())) : nullptr}});
}

}  // namespace

void add_diff_routes(Api& api) { api.long_query("/v1/diff", diff); }

}  // namespace muster
