#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "core/base/log.h"
#include "tools/backup/backup_json.h"
#include "tools/backup/restore.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/commands/backup/parts.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

Json restore_json(const RestoreOrder& order, const RestoreReport& report) {
  const bool known = report.known_end > 0;
  return Json{{"data", order.data.string()},
              {"backup", backup_json(report.backup)},
              {"events", report.events},
              {"last_event", to_rfc3339(report.last_event)},
              {"epoch", report.epoch},
              {"previous_epoch", report.previous_epoch},
              {"lost_from", known ? Json(report.events + 1) : Json(nullptr)},
              {"lost_to", known ? Json(report.known_end) : Json(nullptr)},
              {"origin", report.origin},
              {"key", report.key},
              {"kept_keys", report.kept_keys},
              {"new_keys", report.new_keys},
              {"erased_again", report.erased}};
}

/// What somebody loses with each file of keys that is not there.
std::string_view loss_of(std::string_view file) {
  if (file == "subjects") return "names and notes of before cannot be read any more";
  if (file == "tokens") return "a repeated command gives its token no second time";
  if (file == "device-tokens.pem")
    return "devices must be given new passwords: provision them anew";
  if (file == "checkpoint.pem") return "auditors need the new key";
  return "";
}

std::string lost_text(const RestoreReport& report) {
  if (report.known_end == 0) {
    return fmt::format(
        "What came after event {} of {} is gone; how much that is, the last checkpoint of the lost "
        "server would say (--last-checkpoint).\n",
        report.events, to_rfc3339(report.last_event));
  }
  return fmt::format("Gone for certain: events {} to {}, which were signed before.\n",
                     report.events + 1, report.known_end);
}

std::string report_text(const RestoreOrder& order, const RestoreReport& report) {
  std::string text = fmt::format(
      "{} has the log of backup {}: {} events, the last of {}\n"
      "It goes on in epoch {} (before: {}). Checkpoints are signed as\n  {}\nand checked with\n  "
      "{}\n",
      order.data.string(), report.backup.id, report.events, to_rfc3339(report.last_event),
      report.epoch, report.previous_epoch, report.origin, report.key);
  text.append(lost_text(report));
  text.append(
      "What was revoked, disabled or deleted after it is good again: look at tokens, users and "
      "devices.\n");
  for (const std::string& file : report.new_keys) {
    text.append(fmt::format("keys/{} was not kept: {}\n", file, loss_of(file)));
  }
  if (report.erased > 0) {
    text.append(
        fmt::format("{} erased again\n", count_text(report.erased, "user is", "users are")));
  }
  text.append(fmt::format("Start it: muster serve --data {}\n", order.data.string()));
  return text;
}

Outcome run_restore(Session& session, const RestoreOrder& order) {
  configure_logging(Severity::error);
  RestoreOrder now = order;
  now.now = SystemClock().now();
  ProgressBar bar(session.around().err, session.around().terminal, ProgressBar::Clock::now());
  const auto report = restore(now, [&](std::uint64_t events, std::uint64_t of) {
    bar.update({.done = events, .total = of}, ProgressBar::Clock::now());
  });
  bar.clear();
  if (!report) return failed(report.error());
  if (session.json()) {
    session.print_json(restore_json(now, *report));
  } else {
    session.print(report_text(now, *report));
  }
  return {};
}

void add_kept(CLI::App& command, RestoreOrder& order) {
  command
      .add_option(
          "--keys", order.keys,
          "A kept copy of the lost server's folder `keys` [default: new keys are made; what "
          "that means is told]")
      ->option_text("DIR");
  command
      .add_option("--last-checkpoint", order.last_checkpoint,
                  "The last checkpoint known of the lost server: tells what is gone")
      ->option_text("FILE");
  command
      .add_option("--erased", order.erasures,
                  "A ledger of erased users that is newer than those beside the backups and in "
                  "--keys")
      ->option_text("FILE");
  command.add_option("--epoch", order.epoch, "The new epoch is at least this [default: no limit]")
      ->check(whole_number)
      ->option_text("N");
}

}  // namespace

void add_backup_restore_command(CLI::App& backup, Invocation& invocation) {
  auto& command = add_read(
      backup, invocation,
      {"restore",
       "Make a data folder of a backup. The log goes on in a new epoch, which devices and auditors "
       "can tell from the one before. Cut short, it is simply run again",
       "backup restore --backups /mnt/backups --data data --keys /safe/keys\n"
       "backup restore --backups /mnt/backups --id 3 --data data --keys /safe/keys "
       "--last-checkpoint /safe/checkpoint"});
  const auto order = std::make_shared<RestoreOrder>();
  command.add_option("--backups", order->backups, "The folder they are in")
      ->required()
      ->option_text("DIR");
  command.add_option("--data", order->data, "The new data folder: missing or empty")
      ->required()
      ->option_text("DIR");
  command.add_option("--id", order->id, "Which backup [default: the newest]")
      ->check(whole_number)
      ->option_text("N");
  add_kept(command, *order);
  runs(command, invocation, order, run_restore);
}

}  // namespace muster::cli
