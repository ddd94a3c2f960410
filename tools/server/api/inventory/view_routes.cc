#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

HttpResult<HttpResponse> list_views(const Query& query) {
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_saved_view([&](const SavedView& row) {
    if (!query.sight.sees(row)) return true;
    return page->add(row.id.value(), [&] { return render(query.reader, row); });
  });
  return page->response(query);
}

HttpResult<HttpResponse> show_view(const Query& query) {
  const auto view = query.sight.view(query.match.at("view"));
  if (!view) return tl::unexpected(view.error());
  return entity_response(render(query.reader, *view));
}

HttpResult<CommandBody> create_view(const Build& build) {
  return CreateView{.name = build.body.string("name"),
                    .filter = build.body.string("filter"),
                    .shared_with = build.body.optional_string("shared_with").value_or("")};
}

HttpResult<CommandBody> remove_view(const Build& build) {
  return RemoveView{.view = build.match.at("view")};
}

}  // namespace

void add_view_routes(Api& api) {
  api.query("/v1/views", list_views);
  api.query("/v1/views/{view}", show_view);
  api.command("view.create", HttpMethod::post, "/v1/views", create_view);
  api.command("view.remove", HttpMethod::del, "/v1/views/{view}", remove_view);
}

}  // namespace muster
