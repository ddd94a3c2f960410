#include "tools/server/api/inventory/device_list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/server/api/inventory/cursor.h"
#include "tools/server/api/inventory/selection.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

std::optional<std::string> parameter(const Query& query, std::string_view name) {
  const std::string* given = query.request.parameter(name);
  return given == nullptr ? std::nullopt : std::optional(*given);
}

HttpResult<void> read_order(const Query& query, InventoryRequest& request) {
  const std::string sort = parameter(query, "sort").value_or("created");
  if (sort == "name") request.sort = InventorySort::name;
  if (sort == "uuid") request.sort = InventorySort::uuid;
  if (request.sort == InventorySort::created && sort != "created") {
    return tl::unexpected(invalid_parameter_problem("sort", "created, name or uuid"));
  }
  const std::string order = parameter(query, "order").value_or("asc");
  request.descending = order == "desc";
  if (order == "asc" || order == "desc") return {};
  return tl::unexpected(invalid_parameter_problem("order", "asc or desc"));
}

/// What decides which devices the list has and in which order.
std::string identity_of(const Selection& selection, const InventoryRequest& request,
                        const Wanted& wanted) {
  return fmt::format("{} {} {}\n{}", static_cast<int>(request.sort), request.descending,
                     wanted.fleet.value_or(""),
                     selection.filter ? to_string(*selection.filter) : "");
}

HttpResponse response(const Query& query, const InventoryPage& page, const std::string& list) {
  auto items = nlohmann::ordered_json::array();
  for (const InventoryMark& mark : page.devices) {
    const auto device = query.reader.find(mark.id);
    if (device) items.push_back(render_seen(query, *device));
  }
  nlohmann::ordered_json json{{"items", std::move(items)},
                              {"next", nullptr},
                              {"position", query.reader.position().value()},
                              {"total", page.total}};
  if (page.more) json["next"] = write_cursor(page.devices.back(), list);
  return entity_response(json);
}

}  // namespace

HttpResult<HttpResponse> device_list(const Query& query) {
  const Wanted wanted{.filter = parameter(query, "filter"),
                      .view = parameter(query, "view"),
                      .fleet = parameter(query, "fleet"),
                      .orphans = true};
  InventoryRequest request;
  if (const auto order = read_order(query, request); !order) return tl::unexpected(order.error());
  const auto limit = page_limit(query);
  if (!limit) return tl::unexpected(limit.error());
  request.limit = *limit;
  const auto selection = selection_of(query.parts, query.sight, wanted);
  if (!selection) return tl::unexpected(selection.error());
  const std::string list = identity_of(*selection, request, wanted);
  if (const auto after = parameter(query, "after")) {
    request.after = read_cursor(*after, list);
    if (!request.after) {
      return tl::unexpected(invalid_parameter_problem(
          "after", "the `next` of a page of this very list: same filter, fleet and order"));
    }
  }
  if (selection->filter) request.filter = &*selection->filter;
  return response(query, list_devices(query.reader, selection->scope, request), list);
}

}  // namespace muster
