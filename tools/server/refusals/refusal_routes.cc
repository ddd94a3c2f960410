#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"
#include "tools/server/refusals/refusal_log.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

Json render(const Reader& reader, const RefusalEntry& entry) {
  const auto user = reader.find(entry.actor.user);
  const auto token = reader.find(entry.actor.token);
  return Json{{"n", entry.number},
              {"at", to_rfc3339(entry.at)},
              {"user", user ? Json(user->username) : Json(nullptr)},
              {"token", token ? Json(token->name) : Json(nullptr)},
              {"remote", entry.remote},
              {"what", entry.what},
              {"code", entry.code},
              {"entity", entry.entity}};
}

/// Auditors see all of it, and who manages users.
HttpResult<void> check_reader(const Query& query) {
  const Asker& asker = query.caller.asker;
  if (asker.has(InstanceRole::auditor) || asker.has(InstanceRole::administrator)) return {};
  return tl::unexpected(
      to_problem(Rejection{.code = RejectionCode::not_allowed,
                           .entity = "refusals",
                           .rule = "only auditors and instance administrators read them",
                           .remedy = "ask one of them; `muster whoami` shows your roles"}));
}

HttpResult<RefusalQuery> read_query(const Query& query) {
  RefusalQuery wanted;
  const auto limit = page_limit(query);
  if (!limit) return tl::unexpected(limit.error());
  wanted.limit = *limit + std::size_t{1};
  if (const std::string* code = query.request.parameter("code")) wanted.code = *code;
  if (const std::string* name = query.request.parameter("user")) {
    const auto user = query.reader.find_user(*name);
    if (!user) {
      return tl::unexpected(unknown_problem(RejectionCode::unknown_user,
                                            fmt::format("user {}", *name),
                                            "`muster user list` shows the users"));
    }
    wanted.user = user->id;
  }
  if (const std::string* after = query.request.parameter("after")) {
    std::uint64_t number = 0;
    const auto* end = after->data() + after->size();
    const auto read = std::from_chars(after->data(), end, number);
    if (read.ec != std::errc{} || read.ptr != end) {
      return tl::unexpected(invalid_parameter_problem("after", "the `next` of a page"));
    }
    wanted.before = number;
  }
  return wanted;
}

HttpResult<HttpResponse> list_refusals(const Query& query) {
  const auto allowed = check_reader(query);
  if (!allowed) return tl::unexpected(allowed.error());
  const auto wanted = read_query(query);
  if (!wanted) return tl::unexpected(wanted.error());
  auto found = query.parts.refusals.find(*wanted, query.now);
  const bool more = found.size() == wanted->limit;
  if (more) found.pop_back();
  Json items = Json::array();
  for (const RefusalEntry& entry : found) items.push_back(render(query.reader, entry));
  return entity_response(
      Json{{"items", std::move(items)},
           {"next", more ? Json(fmt::format("{}", found.back().number)) : Json(nullptr)},
           {"position", query.reader.position().value()}});
}

}  // namespace

void add_refusal_routes(Api& api) { api.query("/v1/audit/refusals", list_refusals); }

}  // namespace muster
