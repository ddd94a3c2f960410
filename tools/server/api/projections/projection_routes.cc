#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "projections/rebuild/rebuilder.h"
#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"
#include "tools/store/projection_json.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

/// Those who serve are served first.
constexpr int nice_of_rebuild = 10;

HttpResult<void> check_administrator(const Query& query) {
  if (query.caller.asker.has(InstanceRole::administrator)) return {};
  return tl::unexpected(
      to_problem(Rejection{.code = RejectionCode::not_allowed,
                           .entity = "projections",
                           .rule = "only administrators of the instance may look at projections",
                           .remedy = "ask one of them; `muster whoami` shows your roles",
                           .candidates = {}}));
}

HttpResult<HttpResponse> list_projections(const Query& query) {
  const auto allowed = check_administrator(query);
  if (!allowed) return tl::unexpected(allowed.error());
  const Sequence head = query.parts.log.head();
  Json items = Json::array();
  for (const ViewStatus& view : query.parts.store.views()) {
    items.push_back(render_projection(query.parts.store, view, head,
                                      query.parts.rebuilder.last_error(view.name)));
  }
  return entity_response(Json{{"items", std::move(items)},
                              {"next", nullptr},
                              {"position", query.reader.position().value()}});
}

Problem no_run_problem(std::string_view kind, std::string_view view) {
  return Problem{.status = 404,
                 .code = fmt::format("no-{}", kind),
                 .title = "Nothing of that kind was begun",
                 .detail = fmt::format("there was no {} of {} since the server's start, or another "
                                       "one has begun since",
                                       kind, view),
                 .entity = fmt::format("projection {}", view),
                 .remedy = fmt::format("begin one: muster projection {} {}", kind, view)};
}

/// The run of that kind in hand, or the last one, if it is about `view`.
HttpResult<RebuildRun> find_run(const ApiParts& parts, bool rebuild, const std::string& view) {
  auto run = parts.rebuilder.run();
  const bool found = run && run->options.switch_over == rebuild &&
                     (view == "all" || std::ranges::find(run->views, view) != run->views.end());
  if (found) return *std::move(run);
  return tl::unexpected(no_run_problem(rebuild ? "rebuild" : "check", view));
}

Api::QueryHandler shows_run(bool rebuild) {
  return [rebuild](const Query& query) -> HttpResult<HttpResponse> {
    const auto allowed = check_administrator(query);
    if (!allowed) return tl::unexpected(allowed.error());
    return find_run(query.parts, rebuild, query.match.at("name")).map([](const RebuildRun& run) {
      return entity_response(render_run(run));
    });
  };
}

Problem start_problem(const Error& error, const std::string& view) {
  if (error.code == ErrorCode::in_use) {
    return Problem{.status = 409,
                   .code = "rebuild-runs",
                   .title = "One at a time",
                   .detail = error.message,
                   .entity = fmt::format("projection {}", view),
                   .remedy = "wait for it, or cancel it: muster projection rebuild all --cancel"};
  }
  if (error.code == ErrorCode::invalid_input) {
    return Problem{.status = 404,
                   .code = "unknown-projection",
                   .title = "No such projection",
                   .detail = error.message,
                   .entity = fmt::format("projection {}", view),
                   .remedy = "muster projection list shows all"};
  }
  return to_problem(error);
}

Api::TaskHandler starts_run(bool rebuild) {
  return [rebuild](const Api::TaskRequest& task, const Api::TaskDone& done) {
    const std::string& view = task.match.at("name");
    const bool from_start = rebuild && task.body.optional_boolean("from_start").value_or(false);
    if (const auto problem = task.body.finish()) return done(tl::unexpected(*problem));
    const auto started = task.parts.rebuilder.start(
        view, {.switch_over = rebuild, .from_start = from_start, .nice = nice_of_rebuild});
    if (!started) return done(tl::unexpected(start_problem(started.error(), view)));
    done(find_run(task.parts, rebuild, view).map([](const RebuildRun& run) {
      auto response = entity_response(render_run(run));
      response.status = 202;
      return response;
    }));
  };
}

Api::TaskHandler cancels_run(bool rebuild) {
  return [rebuild](const Api::TaskRequest& task, const Api::TaskDone& done) {
    const std::string& view = task.match.at("name");
    if (const auto problem = task.body.finish()) return done(tl::unexpected(*problem));
    auto run = find_run(task.parts, rebuild, view);
    if (run && !task.parts.rebuilder.cancel()) {
      run = tl::unexpected(no_run_problem(rebuild ? "rebuild" : "check", view));
      run.error().detail = fmt::format("it is over already: {}", view);
    }
    done(run.map([](const RebuildRun& running) { return entity_response(render_run(running)); }));
  };
}

}  // namespace

void add_projection_routes(Api& api) {
  api.query("/v1/projections", list_projections);
  for (const bool rebuild : {true, false}) {
    const auto pattern = fmt::format("/v1/projections/{{name}}/{}", rebuild ? "rebuild" : "check");
    api.query(pattern, shows_run(rebuild));
    api.task(pattern, {.entity = "projections", .also = {}}, starts_run(rebuild));
    api.task(pattern, {.entity = "projections", .also = {}, .method = HttpMethod::del},
             cancels_run(rebuild));
  }
}

}  // namespace muster
