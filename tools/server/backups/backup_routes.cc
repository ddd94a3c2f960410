#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "tools/backup/backup_json.h"
#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"
#include "tools/server/backups/backup_desk.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t number_max = std::numeric_limits<std::uint32_t>::max();

/// A failure of backups is no secret to those who may make them, and says what to do.
Problem backup_problem(const Error& error) {
  if (error.code == ErrorCode::unavailable) return to_problem(error);
  return Problem{.status = 409,
                 .code = error.code == ErrorCode::corrupt ? "backup-damaged" : "backup-refused",
                 .title = "The backups do not allow it",
                 .detail = error.message,
                 .entity = "backup"};
}

HttpResult<void> check_administrator(const Query& query) {
  if (query.caller.asker.has(InstanceRole::administrator)) return {};
  return tl::unexpected(
      to_problem(Rejection{.code = RejectionCode::not_allowed,
                           .entity = "backup",
                           .rule = "only administrators of the instance may do this",
                           .remedy = "ask one of them; `muster whoami` shows your roles"}));
}

Json render(const BackupTask& task) {
  const std::string_view state = task.number == 0 ? "none"
                                 : task.running   ? "running"
                                 : task.error     ? "failed"
                                                  : "done";
  Json json{{"task", task.number},
            {"what", task.number == 0 ? Json(nullptr) : Json(task.kind)},
            {"state", state},
            {"done_bytes", task.done_bytes},
            {"total_bytes", task.total_bytes},
            {"backup", task.backup ? backup_json(*task.backup) : Json(nullptr)},
            {"removed", task.removed},
            {"problem", nullptr}};
  if (task.error) {
    const Problem problem = backup_problem(*task.error);
    json["problem"] = Json{{"code", problem.code}, {"detail", problem.detail}};
  }
  return json;
}

HttpResult<HttpResponse> list_backups(const Query& query) {
  if (const auto allowed = check_administrator(query); !allowed) {
    return tl::unexpected(allowed.error());
  }
  const auto backups = query.parts.backups.list();
  if (!backups) return tl::unexpected(backup_problem(backups.error()));
  Json items = Json::array();
  for (const StoredBackup& backup : *backups) items.push_back(backup_json(backup));
  return entity_response(Json{{"items", std::move(items)},
                              {"next", nullptr},
                              {"position", query.reader.position().value()}});
}

HttpResult<HttpResponse> show_task(const Query& query) {
  if (const auto allowed = check_administrator(query); !allowed) {
    return tl::unexpected(allowed.error());
  }
  return entity_response(render(query.parts.backups.task()));
}

void begun(const Result<BackupTask>& task, const Api::TaskDone& done) {
  if (!task) return done(tl::unexpected(backup_problem(task.error())));
  HttpResponse response = entity_response(render(*task));
  response.status = 202;
  done(response);
}

void create_backup(const Api::TaskRequest& request, const Api::TaskDone& done) {
  const auto keep = request.body.optional_unsigned_integer("keep");
  if (keep && (*keep == 0 || *keep > number_max)) {
    request.body.refuse("keep", "a number from 1", fmt::to_string(*keep));
  }
  if (const auto problem = request.body.finish()) return done(tl::unexpected(*problem));
  const auto number = keep ? std::optional(static_cast<std::uint32_t>(*keep)) : std::nullopt;
  begun(request.parts.backups.create(number), done);
}

/// The number of a backup; `newest`: none in particular.
void verify_backup(const Api::TaskRequest& request, const Api::TaskDone& done) {
  if (const auto problem = request.body.finish()) return done(tl::unexpected(*problem));
  const std::string& text = request.match.at("backup");
  if (text == "newest") return begun(request.parts.backups.verify(std::nullopt), done);
  std::uint32_t id = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, id);
  if (read.ec != std::errc{} || read.ptr != end) {
    return done(
        tl::unexpected(invalid_parameter_problem("backup", "the number of a backup, or `newest`")));
  }
  begun(request.parts.backups.verify(id), done);
}

}  // namespace

void add_backup_routes(Api& api) {
  api.long_query("/v1/backups", list_backups);
  api.query("/v1/backups/task", show_task);
  api.task("/v1/backups", {.entity = "backup", .also = {}}, create_backup);
  api.task("/v1/backups/{backup}/verify", {.entity = "backup", .also = {}}, verify_backup);
}

}  // namespace muster
