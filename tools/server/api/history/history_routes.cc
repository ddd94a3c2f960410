#include "tools/server/api/history/history_page.h"
#include "tools/server/api/history/history_sight.h"
#include "tools/server/api/routes.h"

// What happened to one thing: pages of the events that concern it.

namespace muster {
namespace {

HistorySight sight_of(const Query& query) {
  return HistorySight(query.reader, query.caller, query.sight);
}

/// Of all lives of its uuid.
HttpResult<HttpResponse> history_of_device(const Query& query) {
  auto sight = sight_of(query);
  const auto device = sight.device(query.match.at("device"));
  if (!device) return tl::unexpected(device.error());
  std::vector<Stream> lives;
  HistoryReader(query.reader.snapshot())
      .each_life_with(to_string(device->uuid), [&](const Uuid&, DeviceId id) {
        lives.push_back(stream_of(id));
        return true;
      });
  return history_page(query, lives, sight.shown_with(*device));
}

HttpResult<HttpResponse> history_of_fleet(const Query& query) {
  const auto fleet = sight_of(query).fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  return history_page(query, {stream_of(fleet->id), crew_of(fleet->id)});
}

HttpResult<HttpResponse> history_of_organisation(const Query& query) {
  const auto organisation = sight_of(query).organisation(query.match.at("organisation"));
  if (!organisation) return tl::unexpected(organisation.error());
  return history_page(query, {stream_of(organisation->id)});
}

HttpResult<HttpResponse> history_of_user(const Query& query) {
  const auto user = sight_of(query).user(query.match.at("username"));
  if (!user) return tl::unexpected(user.error());
  return history_page(query, {stream_of(user->id), deeds_of(user->id)});
}

}  // namespace

void add_history_routes(Api& api) {
  api.long_query("/v1/devices/{device}/history", history_of_device);
  api.long_query("/v1/fleets/{org}/{name}/history", history_of_fleet);
  api.long_query("/v1/organisations/{organisation}/history", history_of_organisation);
  api.long_query("/v1/users/{username}/history", history_of_user);
}

}  // namespace muster
