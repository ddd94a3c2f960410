#include <fmt/format.h>

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
  const std::string& handle = query.match.at("handle");
  const auto row = query.reader.find_organisation(handle);
  if (!row || !query.sight.sees(*row)) {
    return tl::unexpected(unknown_problem(RejectionCode::unknown_organisation,
                                          fmt::format("organisation {}", handle),
                                          "`muster org list` shows your organisations"));
  }
  return entity_response(render(query.reader, *row));
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
  api.query("/v1/organisations/{handle}", show_organisation);
  api.command(HttpMethod::post, "/v1/organisations", [](const Build& build) -> CommandBody {
    return CreateOrganisation{.handle = build.body.string("handle"),
                              .name = build.body.optional_string("name").value_or("")};
  });
  api.query("/v1/device-types", list_device_types);
  api.query("/v1/device-types/{slug}", show_device_type);
  api.command(HttpMethod::post, "/v1/device-types", [](const Build& build) -> CommandBody {
    return AddDeviceType{
        .slug = build.body.string("slug"),
        .name = build.body.optional_string("name").value_or(""),
        .architecture = build.body.string("architecture"),
        .os_update_supported = build.body.optional_boolean("os_update_supported").value_or(false)};
  });
}

}  // namespace muster
