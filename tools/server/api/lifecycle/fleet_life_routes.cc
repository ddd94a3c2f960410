#include "tools/server/api/api.h"
#include "tools/server/api/routes.h"

// What fleets set for all their devices, and the lives of fleets.

namespace muster {
namespace {

CommandBody change_type(const Build& build) {
  const std::string word = build.body.string("type");
  const auto type = parse_fleet_type(word);
  if (!type) {
    build.body.refuse("type", "starter, microservices, essentials, classic or legacy", word);
  }
  return ChangeFleetType{.fleet = slug_of(build.match),
                         .type = type.value_or(FleetType::microservices)};
}

CommandBody set_public_urls(const Build& build) {
  return SetFleetPublicUrls{.fleet = slug_of(build.match),
                            .enabled = build.body.boolean("enabled")};
}

CommandBody grant_support(const Build& build) {
  return GrantFleetSupport{.fleet = slug_of(build.match), .until = read_time(build.body, "until")};
}

CommandBody revoke_support(const Build& build) {
  return RevokeFleetSupport{.fleet = slug_of(build.match)};
}

CommandBody rename(const Build& build) {
  return RenameFleet{.fleet = slug_of(build.match), .name = build.body.string("name")};
}

CommandBody transfer(const Build& build) {
  return TransferFleet{.fleet = slug_of(build.match),
                       .organisation = build.body.string("organisation")};
}

CommandBody delete_fleet(const Build& build) { return DeleteFleet{.fleet = slug_of(build.match)}; }

CommandBody set_billing(const Build& build) {
  return SetBilling{.organisation = build.match.at("organisation"),
                    .valid = build.body.boolean("valid")};
}

}  // namespace

void add_fleet_life_routes(Api& api) {
  const std::string fleet = "/v1/fleets/{org}/{name}";
  api.command("fleet.public-url", HttpMethod::post, fleet + "/public-url", set_public_urls);
  api.command("fleet.grant-support", HttpMethod::post, fleet + "/support", grant_support);
  api.command("fleet.revoke-support", HttpMethod::post, fleet + "/revoke-support", revoke_support);
  api.command("fleet.change-type", HttpMethod::post, fleet + "/change-type", change_type);
  api.command("fleet.rename", HttpMethod::post, fleet + "/rename", rename);
  api.command("fleet.transfer", HttpMethod::post, fleet + "/transfer", transfer);
  api.command("fleet.delete", HttpMethod::del, fleet, delete_fleet);
  api.command("organisation.set-billing", HttpMethod::post,
              "/v1/organisations/{organisation}/billing", set_billing);
}

}  // namespace muster
