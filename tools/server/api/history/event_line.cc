#include "tools/server/api/history/event_line.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/overloaded.h"
#include "tools/server/api/history/event_details.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

template <std::size_t... Indices>
std::array<std::string_view, sizeof...(Indices)> all_types(std::index_sequence<Indices...>) {
  return {name_of(Event(std::variant_alternative_t<Indices, AnyFact>{}))...};
}

/// Who sees one side of a move does not see the fleet on the other; who sees one device of a
/// selection does not see all of them.
void hide_unseen(Json& details, const Event& event, Names& names, HistorySight& sight) {
  if (const auto* move = std::get_if<DeviceMoved>(&event)) {
    if (!sight.sees(move->from)) details["from"] = details["previous_pin"] = nullptr;
    if (!sight.sees(move->to)) details["to"] = details["pin"] = nullptr;
  }
  if (const auto* skipped = std::get_if<ActionSkipped>(&event)) {
    Json seen = Json::array();
    for (const DeviceId id : skipped->devices) {
      if (sight.sees(id)) seen.push_back(names.of(id));
    }
    details["devices"] = std::move(seen);
  }
}

}  // namespace

Json event_line(const Recorded& recorded, Names& names, HistorySight& sight) {
  const EventMeta& meta = recorded.meta;
  Json details = event_details(recorded, names);
  hide_unseen(details, recorded.event, names, sight);
  return Json{{"sequence", recorded.sequence.value()},
              {"at", to_rfc3339(meta.at)},
              {"event", name_of(recorded.event)},
              {"actor", actor_name(meta.actor.user, names)},
              {"token", meta.token_name.empty() ? Json(nullptr) : Json(meta.token_name)},
              {"reason", meta.reason.empty() ? Json(nullptr) : Json(meta.reason)},
              {"command", to_string(meta.command)},
              {"index", meta.index},
              {"count", meta.count},
              {"details", std::move(details)}};
}

std::string actor_name(UserId actor, Names& names) {
  return actor == UserId{} ? "muster" : names.of(actor);
}

bool is_event_type(std::string_view name) {
  static const auto types = all_types(std::make_index_sequence<std::variant_size_v<AnyFact>>{});
  return std::ranges::find(types, name) != types.end();
}

}  // namespace muster
