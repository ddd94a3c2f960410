#include <fmt/format.h>

#include "tools/audit/source/folder_source.h"
#include "tools/audit/source/server_source.h"
#include "tools/muster/commands/audit/parts.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/support/settings.h"

namespace muster::cli {
namespace {

NamedLog log_of(Session& session, const Access& access) {
  session.use(access);
  return {.source = std::make_unique<audit::ServerSource>(access.url, access.token)};
}

}  // namespace

CliResult<NamedLog> open_servers_log(Session& session) {
  const auto access = find_access(session.around());
  if (!access) return failed(access.error());
  return log_of(session, *access);
}

CliResult<NamedLog> open_log(Session& session, const std::string& where,
                             std::optional<std::uint32_t> backup) {
  if (where.find("://") != std::string::npos) {
    // As if it were named in the settings: a kept token goes to its own server only.
    Surroundings there = session.around();
    there.variable = [&](const std::string& name) {
      return name == "MUSTER_URL" ? std::optional(where) : session.around().variable(name);
    };
    const auto access = find_access(there);
    if (!access) return failed(access.error());
    return log_of(session, *access);
  }
  if (audit::DataSource::is_one(where)) {
    auto opened = audit::DataSource::open(where);
    if (!opened) return failed(opened.error());
    const audit::DataSource* const data = opened->get();
    return NamedLog{.source = std::move(*opened), .data = data};
  }
  if (RocksBackups::is_one(where)) {
    auto opened = audit::DataSource::open_backup(where, backup);
    if (!opened) return failed(opened.error());
    const audit::DataSource* const data = opened->get();
    return NamedLog{.source = std::move(*opened), .data = data};
  }
  if (audit::FolderSource::is_one(where)) {
    return NamedLog{.source = std::make_unique<audit::FolderSource>(where)};
  }
  return wrong_usage(
      fmt::format("{} is no log", where),
      "name a data folder (it has a folder `log` in it), a folder of backups, a folder of "
      "tiles (a file `checkpoint` and a folder `tile`), or the URL of a server");
}

void add_audit_commands(CLI::App& app, Invocation& invocation) {
  auto& audit = add_group(app, "audit", "Prove and check what happened; who was refused what");
  add_checkpoint_command(audit, invocation);
  add_proof_commands(audit, invocation);
  add_verify_command(audit, invocation);
  add_export_command(audit, invocation);
  add_refusals_command(audit, invocation);
}

}  // namespace muster::cli
