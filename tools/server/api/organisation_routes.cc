#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

HttpResult<HttpResponse> list_organisations(const Query& query) {
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_organisation([&](const Organisation& row) {
    if (!query.sight.sees(row)) return true;
    return page->add(row.id.value(), [&] { return render(query.reader, row); });
  });
  return page->response(query);
}

HttpResult<HttpResponse> show_organisation(const Query& query) {
  const auto row = query.sight.organisation(query.match.at("organisation"));
  if (!row) return tl::unexpected(row.error());
  return entity_response(render(query.reader, *row));
}

/// All members for who may change them. A plain member sees itself, and whom to ask.
HttpResult<HttpResponse> list_members(const Query& query) {
  const auto organisation = query.sight.organisation(query.match.at("organisation"));
  if (!organisation) return tl::unexpected(organisation.error());
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  const Asker& asker = query.caller.asker;
  const bool all = administers(asker, *organisation) || asker.has(InstanceRole::administrator);
  auto members = organisation->members;
  std::ranges::sort(members);
  for (const auto& [user, role] : members) {
    if (!all && user != asker.user && role != OrganisationRole::administrator) continue;
    const bool more = page->add(user.value(), [&, user = user, role = role] {
      const auto row = query.reader.find(user);
      return nlohmann::ordered_json{{"user", row ? row->username : std::string{}},
                                    {"role", to_string(role)}};
    });
    if (!more) break;
  }
  return page->response(query);
}

HttpResult<CommandBody> set_member(const Build& build) {
  const std::string word = build.body.string("role");
  const auto role = parse_organisation_role(word);
  if (!role) build.body.refuse("role", "member or administrator", word);
  return SetOrganisationMember{.organisation = build.match.at("organisation"),
                               .username = build.match.at("username"),
                               .role = role.value_or(OrganisationRole::member)};
}

HttpResult<HttpResponse> list_device_types(const Query& query) {
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_device_type([&](const DeviceType& row) {
    return page->add(row.id.value(), [&] { return render(row); });
  });
  return page->response(query);
}

HttpResult<HttpResponse> show_device_type(const Query& query) {
  const std::string& slug = query.match.at("slug");
  const auto row = query.reader.find_device_type(slug);
  if (!row) {
    return tl::unexpected(unknown_problem(RejectionCode::unknown_device_type,
                                          fmt::format("device type {}", slug),
                                          "`muster device-type list` shows all"));
  }
  return entity_response(render(*row));
}

}  // namespace

void add_organisation_routes(Api& api) {
  api.query("/v1/organisations", list_organisations);
  api.query("/v1/organisations/{organisation}", show_organisation);
  api.query("/v1/organisations/{organisation}/members", list_members);
  api.command("organisation.set-member", HttpMethod::put,
              "/v1/organisations/{organisation}/members/{username}", set_member);
  api.command("organisation.remove-member", HttpMethod::del,
              "/v1/organisations/{organisation}/members/{username}",
              [](const Build& build) -> CommandBody {
                return RemoveOrganisationMember{.organisation = build.match.at("organisation"),
                                                .username = build.match.at("username")};
              });
  api.command("organisation.create", HttpMethod::post, "/v1/organisations",
              [](const Build& build) -> CommandBody {
                return CreateOrganisation{.handle = build.body.string("handle"),
                                          .name = build.body.optional_string("name").value_or("")};
              });
  api.query("/v1/device-types", list_device_types);
  api.query("/v1/device-types/{slug}", show_device_type);
  api.command("device-type.create", HttpMethod::post, "/v1/device-types",
              [](const Build& build) -> CommandBody {
                return AddDeviceType{
                    .slug = build.body.string("slug"),
                    .name = build.body.optional_string("name").value_or(""),
                    .architecture = build.body.string("architecture"),
                    .os_update_supported =
                        build.body.optional_boolean("os_update_supported").value_or(false)};
              });
}

}  // namespace muster
