#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/server/api/api.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

constexpr std::string_view in_fleet = "/v1/fleets/{org}/{name}/releases/{release}";
constexpr std::string_view by_id = "/v1/releases/{release}";

HttpResult<HttpResponse> list_releases(const Query& query) {
  const auto fleet = query.sight.fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  auto releases = query.reader.releases_of(fleet->id);
  std::ranges::sort(releases, {}, &Release::id);
  for (const Release& release : releases) {
    if (!page->add(release.id.value(), [&] { return render(query.reader, release); })) break;
  }
  return page->response(query);
}

HttpResult<HttpResponse> show_in_fleet(const Query& query) {
  const auto fleet = query.sight.fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  const auto release = query.sight.release(*fleet, query.match.at("release"));
  if (!release) return tl::unexpected(release.error());
  return entity_response(render(query.reader, *release));
}

HttpResult<HttpResponse> show_by_id(const Query& query) {
  const auto release = query.sight.release(query.match.at("release"));
  if (!release) return tl::unexpected(release.error());
  return entity_response(render(query.reader, *release));
}

ReleaseName name_in_fleet(const RouteMatch& match) {
  return ReleaseName{.fleet = slug_of(match), .release = match.at("release")};
}

ReleaseName name_by_id(const RouteMatch& match) {
  return ReleaseName{.fleet = {}, .release = match.at("release")};
}

/// The manifest of the body as compact JSON; it must be an object.
std::string read_manifest(JsonReader& body) {
  std::string manifest = body.optional_json("manifest").value_or("");
  if (!manifest.empty() && manifest.front() != '{') {
    body.refuse("manifest", "a JSON object", manifest.substr(0, 40));
  }
  return manifest;
}

ReleaseStatus read_status(JsonReader& body, const std::string& word) {
  const auto status = parse_release_status(word);
  if (!status) body.refuse("status", "running, success, failed or cancelled", word);
  return status.value_or(ReleaseStatus::running);
}

HttpResult<CommandBody> create_release(const Build& build) {
  JsonReader& body = build.body;
  return CreateRelease{
      .fleet = slug_of(build.match),
      .commit = body.string("commit"),
      .semver = body.optional_string("semver").value_or(""),
      .status = read_status(body, body.optional_string("status").value_or("success")),
      .draft = body.optional_boolean("draft").value_or(false),
      .note = body.optional_string("note").value_or(""),
      .manifest = read_manifest(body)};
}

using Naming = ReleaseName (*)(const RouteMatch&);

/// The commands about one release, under the path `base` that `naming` reads.
void add_commands(Api& api, std::string_view base, Naming naming) {
  const auto path = [&](std::string_view verb) { return fmt::format("{}/{}", base, verb); };
  api.command("release.finish", HttpMethod::post, path("finish"),
              [naming](const Build& build) -> CommandBody {
                return FinishRelease{.name = naming(build.match),
                                     .status = read_status(build.body, build.body.string("status")),
                                     .manifest = read_manifest(build.body)};
              });
  api.command("release.finalize", HttpMethod::post, path("finalize"),
              [naming](const Build& build) -> CommandBody {
                return FinalizeRelease{.name = naming(build.match)};
              });
  api.command("release.invalidate", HttpMethod::post, path("invalidate"),
              [naming](const Build& build) -> CommandBody {
                return InvalidateRelease{.name = naming(build.match)};
              });
  api.command("release.validate", HttpMethod::post, path("validate"),
              [naming](const Build& build) -> CommandBody {
                return ValidateRelease{.name = naming(build.match)};
              });
  api.command("release.delete", HttpMethod::del, base, [naming](const Build& build) -> CommandBody {
    return DeleteRelease{.name = naming(build.match)};
  });
}

}  // namespace

void add_release_routes(Api& api) {
  api.query("/v1/fleets/{org}/{name}/releases", list_releases);
  api.command("release.create", HttpMethod::post, "/v1/fleets/{org}/{name}/releases",
              create_release);
  api.query(in_fleet, show_in_fleet);
  api.query(by_id, show_by_id);
  add_commands(api, in_fleet, name_in_fleet);
  add_commands(api, by_id, name_by_id);
}

}  // namespace muster
