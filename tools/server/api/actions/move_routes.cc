#include <nlohmann/json.hpp>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/access.h"
#include "core/domain/decide/devices/fleet_type.h"
#include "tools/server/api/api.h"
#include "tools/server/api/inventory/device_choice.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

// Moving devices to another fleet, and where they may be moved to.

namespace muster {
namespace {

MoveDevices read_move(const Build& build) {
  return {.devices = {},
          .fleet = build.body.string("fleet"),
          .pin = build.body.optional_string("pin").value_or("")};
}

HttpResult<CommandBody> move_one(const Build& build) { return about_one(build, read_move(build)); }
HttpResult<CommandBody> move_several(const Build& build) {
  return about_several(build, read_move(build));
}

/// True if the caller may move the device there.
bool fits(const Query& query, const Device& device, const Fleet& fleet) {
  if (fleet.id == device.fleet || !satisfies(device, fleet.type)) return false;
  const auto organisation = query.reader.find(fleet.organisation);
  const auto own = query.reader.find(device.device_type);
  const auto type = query.reader.find(fleet.device_type);
  return role_in(query.caller.asker, fleet, *organisation) >= Role::fleet_operator &&
         can_run(own->architecture, type->architecture);
}

HttpResult<HttpResponse> list_fleets_for(const Query& query) {
  const auto device = query.sight.device(query.match.at("device"));
  if (!device) return tl::unexpected(device.error());
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_fleet([&](const Fleet& fleet) {
    if (!query.sight.sees(fleet) || !fits(query, *device, fleet)) return true;
    return page->add(fleet.id.value(), [&] {
      const auto type = query.reader.find(fleet.device_type);
      return nlohmann::ordered_json{{"fleet", fleet.slug},
                                    {"device_type", type->slug},
                                    {"architecture", type->architecture},
                                    {"type", to_string(fleet.type)},
                                    {"devices", fleet.devices}};
    });
  });
  return page->response(query);
}

}  // namespace

void add_move_routes(Api& api) {
  api.query("/v1/devices/{device}/fleets", list_fleets_for);
  api.command("device.move", HttpMethod::post, "/v1/devices/{device}/move", move_one);
  api.command("device.move", HttpMethod::post, "/v1/devices/move", move_several);
}

}  // namespace muster
