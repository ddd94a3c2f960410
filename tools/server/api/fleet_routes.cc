#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

HttpResult<HttpResponse> list_fleets(const Query& query) {
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_fleet([&](const Fleet& row) {
    if (!query.sight.sees(row)) return true;
    return page->add(row.id.value(), [&] { return render(query.reader, row); });
  });
  return page->response(query);
}

HttpResult<HttpResponse> show_fleet(const Query& query) {
  const auto fleet = query.sight.fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  return entity_response(render(query.reader, *fleet));
}

HttpResult<HttpResponse> list_members(const Query& query) {
  const auto fleet = query.sight.fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  auto members = fleet->members;
  std::ranges::sort(members);
  for (const auto& member : members) {
    const bool more = page->add(member.first.value(), [&] {
      const auto user = query.reader.find(member.first);
      return nlohmann::ordered_json{{"user", user ? user->username : std::string{}},
                                    {"role", to_string(member.second)}};
    });
    if (!more) break;
  }
  return page->response(query);
}

HttpResult<CommandBody> create_fleet(const Build& build) {
  CreateFleet command{.slug = build.body.string("slug"),
                      .device_type = build.body.string("device_type"),
                      .type = FleetType::microservices,
                      .uuid = random_uuid()};
  if (const auto word = build.body.optional_string("type")) {
    const auto type = parse_fleet_type(*word);
    if (type) command.type = *type;
    if (!type) {
      build.body.refuse("type", "starter, microservices, essentials, classic or legacy", *word);
    }
  }
  return command;
}

HttpResult<CommandBody> set_member(const Build& build) {
  const std::string word = build.body.string("role");
  const auto role = parse_role(word);
  if (!role) {
    build.body.refuse("role", "observer, operator, developer or administrator", word);
  }
  return SetFleetMember{.fleet = slug_of(build.match),
                        .username = build.match.at("username"),
                        .role = role.value_or(Role::observer)};
}

}  // namespace

void add_fleet_routes(Api& api) {
  api.query("/v1/fleets", list_fleets);
  api.query("/v1/fleets/{org}/{name}", show_fleet);
  api.command("fleet.create", HttpMethod::post, "/v1/fleets", create_fleet);
  api.command("fleet.pin", HttpMethod::post, "/v1/fleets/{org}/{name}/pin",
              [](const Build& build) -> CommandBody {
                return PinFleet{.fleet = slug_of(build.match),
                                .release = build.body.string("release")};
              });
  api.command(
      "fleet.track-latest", HttpMethod::post, "/v1/fleets/{org}/{name}/track-latest",
      [](const Build& build) -> CommandBody { return TrackLatest{.fleet = slug_of(build.match)}; });
  api.query("/v1/fleets/{org}/{name}/members", list_members);
  api.command("fleet.set-member", HttpMethod::put, "/v1/fleets/{org}/{name}/members/{username}",
              set_member);
  api.command("fleet.remove-member", HttpMethod::del, "/v1/fleets/{org}/{name}/members/{username}",
              [](const Build& build) -> CommandBody {
                return RemoveFleetMember{.fleet = slug_of(build.match),
                                         .username = build.match.at("username")};
              });
}

}  // namespace muster
