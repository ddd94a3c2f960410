#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "core/base/log.h"
#include "tools/backup/backup_json.h"
#include "tools/backup/make_backup.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/commands/backup/parts.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

constexpr std::chrono::milliseconds look_again{100};

struct CreateOptions {
  std::string data;
  std::string backups;
  std::optional<std::uint32_t> keep;
};

struct FolderOptions {
  std::string backups;
  std::optional<std::uint32_t> id;
};

/// The server's work on its backups, until it is over.
CliResult<Json> await_task(Session& session, const Json& begun) {
  const auto number = count_at(begun, "task");
  ProgressBar bar(session.around().err, session.around().terminal, ProgressBar::Clock::now());
  while (true) {
    auto task = session.get("/v1/backups/task");
    if (!task) return task;
    const bool is_ours = count_at(*task, "task") == number;
    if (!is_ours || text_at(*task, "state") != "running") {
      bar.clear();
      return task;
    }
    bar.update({.done = count_at(*task, "done_bytes"), .total = count_at(*task, "total_bytes")},
               ProgressBar::Clock::now());
    std::this_thread::sleep_for(look_again);
  }
}

/// Has the server do it, and gives what came of it.
CliResult<Json> run_task(Session& session, const std::string& path, JsonBody body) {
  auto begun = session.change(HttpMethod::post, path, std::move(body));
  if (!begun) return begun;
  auto task = await_task(session, *begun);
  if (!task || text_at(*task, "state") == "done") return task;
  const Json problem = has(*task, "problem") ? task->at("problem") : Json::object();
  return tl::unexpected(
      Failure{.problem = {.status = 409,
                          .code = text_at(problem, "code"),
                          .title = "The backups do not allow it",
                          .detail = text_at(problem, "detail"),
                          .entity = "backup",
                          .remedy = has(*task, "problem") ? ""
                                                          : "another one began since: look at "
                                                            "`muster backup list`"}});
}

std::string backup_text(const Json& backup) {
  return fmt::format("{} events, up to {}, epoch {}; {} files, {} bytes",
                     count_at(backup, "events"), text_at(backup, "last_event"),
                     count_at(backup, "epoch"), count_at(backup, "files"),
                     count_at(backup, "bytes"));
}

void tell_created(const Session& session, const Json& backup, std::uint64_t removed) {
  if (session.json()) {
    Json answer = backup;
    answer["removed"] = removed;
    return session.print_json(answer);
  }
  std::string text = fmt::format("backup {}: {}\n", count_at(backup, "id"), backup_text(backup));
  if (removed > 0) text.append(fmt::format("{} older removed\n", removed));
  text.append(
      "It holds no keys: keep a copy of the folder `keys` of the data folder elsewhere, and of the "
      "file `checkpoint`.\n");
  session.print(text);
}

Outcome create(Session& session, const CreateOptions& options) {
  if (options.data.empty() != options.backups.empty()) {
    return wrong_usage(
        "--data and --backups belong together",
        "give both for a data folder that no server uses, or none to ask the server");
  }
  if (options.data.empty()) {
    JsonBody body;
    if (options.keep) body.number("keep", *options.keep);
    const auto task = run_task(session, "/v1/backups", std::move(body));
    if (!task) return tl::unexpected(task.error());
    tell_created(session, task->at("backup"), count_at(*task, "removed"));
    return {};
  }
  configure_logging(Severity::warn);
  ProgressBar bar(session.around().err, session.around().terminal, ProgressBar::Clock::now());
  const auto report =
      make_backup_of(options.data, options.backups, options.keep, MUSTER_VERSION,
                     [&](std::uint64_t done, std::uint64_t total) {
                       bar.update({.done = done, .total = total}, ProgressBar::Clock::now());
                       return true;
                     });
  bar.clear();
  if (!report) return failed(report.error());
  tell_created(session, backup_json(report->backup), report->removed);
  return {};
}

Outcome list(Session& session, const FolderOptions& options) {
  const std::vector<Column> columns{column("id"),         column("made_at"), column("events"),
                                    column("last_event"), column("epoch"),   column("bytes")};
  if (options.backups.empty()) return show_list(session, "/v1/backups", columns, "no backups");
  const auto backups = RocksBackups::open(options.backups, RocksBackups::Access::read);
  if (!backups) return failed(backups.error());
  const auto all = (*backups)->list();
  if (!all) return failed(all.error());
  Json items = Json::array();
  for (const StoredBackup& backup : *all) items.push_back(backup_json(backup));
  print_list(session, items, columns, "no backups");
  return {};
}

void tell_whole(const Session& session, const Json& backup) {
  if (session.json()) return session.print_json(backup);
  session.print(
      fmt::format("backup {} is whole: {}\n", count_at(backup, "id"), backup_text(backup)));
}

Outcome verify(Session& session, const FolderOptions& options) {
  if (options.backups.empty()) {
    const auto which = options.id ? fmt::to_string(*options.id) : std::string("newest");
    const auto task = run_task(session, fmt::format("/v1/backups/{}/verify", which), {});
    if (!task) return tl::unexpected(task.error());
    tell_whole(session, task->at("backup"));
    return {};
  }
  const auto backups = RocksBackups::open(options.backups, RocksBackups::Access::read);
  if (!backups) return failed(backups.error());
  const auto backup = (*backups)->find(options.id);
  if (!backup) return failed(backup.error());
  if (const auto whole = (*backups)->verify(backup->id); !whole) return failed(whole.error());
  tell_whole(session, backup_json(*backup));
  return {};
}

void add_folder(CLI::App& command, FolderOptions& options) {
  command
      .add_option("--backups", options.backups,
                  "The folder they are in; needs no server [default: ask the server]")
      ->option_text("DIR");
}

}  // namespace

void add_backup_create_command(CLI::App& backup, Invocation& invocation) {
  auto& command = add_read(
      backup, invocation,
      {"create",
       "Back up the log: the running server's, into the folder of its --backups, or that of a data "
       "folder that no server uses. Only what is new is written. Keys are not in it",
       "backup create\nbackup create --keep 7\nbackup create --data data --backups /mnt/backups"});
  const auto options = std::make_shared<CreateOptions>();
  command
      .add_option("--keep", options->keep,
                  "Remove all but the N newest, once the new one was read again and is whole")
      ->check(whole_number)
      ->check(CLI::Range(1U, 1'000'000U))
      ->option_text("N");
  command.add_option("--data", options->data, "A data folder that no server uses")
      ->option_text("DIR");
  command.add_option("--backups", options->backups, "Where to; made if it is missing")
      ->option_text("DIR");
  runs(command, invocation, options, create);
}

void add_backup_list_command(CLI::App& backup, Invocation& invocation) {
  auto& command = add_read(backup, invocation,
                           {"list", "List the backups, the oldest first",
                            "backup list\nbackup list --backups /mnt/backups --json"});
  const auto options = std::make_shared<FolderOptions>();
  add_folder(command, *options);
  runs(command, invocation, options, list);
}

void add_backup_verify_command(CLI::App& backup, Invocation& invocation) {
  auto& command = add_read(
      backup, invocation,
      {"verify",
       "Read every file of a backup and compare it with its checksum. What the events say is "
       "checked by `muster audit verify DIR` over the folder of backups",
       "backup verify\nbackup verify --id 3 --backups /mnt/backups"});
  const auto options = std::make_shared<FolderOptions>();
  add_folder(command, *options);
  command.add_option("--id", options->id, "Which one [default: the newest]")
      ->check(whole_number)
      ->option_text("N");
  runs(command, invocation, options, verify);
}

void add_backup_commands(CLI::App& app, Invocation& invocation) {
  auto& backup = add_group(app, "backup", "Copies of the log, and data folders made of them");
  add_backup_create_command(backup, invocation);
  add_backup_list_command(backup, invocation);
  add_backup_verify_command(backup, invocation);
  add_backup_restore_command(backup, invocation);
}

}  // namespace muster::cli
