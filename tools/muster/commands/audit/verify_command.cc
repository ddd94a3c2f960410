#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/base64.h"
#include "core/base/clock.h"
#include "tools/audit/verify/verification.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/commands/audit/parts.h"
#include "tools/muster/output/table.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

using audit::KeyTrust;
using audit::VerifyReport;

struct VerifyCommandOptions {
  std::string where;
  std::string kept;
  bool tree_only = false;
  std::optional<std::uint32_t> backup;
  audit::VerifyOptions verify;
};

std::string_view to_string(KeyTrust trust) {
  switch (trust) {
    case KeyTrust::given:
      return "given";
    case KeyTrust::kept:
      return "kept";
    case KeyTrust::first_use:
      return "first-use";
    case KeyTrust::none:
      break;
  }
  return "none";
}

Json head_json(const Checkpoint& checkpoint) {
  return Json{{"size", checkpoint.head.size}, {"root", to_base64(checkpoint.head.root)}};
}

Json findings_json(const audit::Findings& findings) {
  Json by_kind = Json::object();
  std::uint64_t total = 0;
  for (const auto& [kind, count] : findings.counts()) {
    by_kind[kind] = count;
    total += count;
  }
  Json first = Json::array();
  for (const audit::Finding& finding : findings.first()) {
    first.push_back(Json{{"kind", finding.kind},
                         {"sequence", finding.sequence > 0 ? Json(finding.sequence) : Json()},
                         {"what", finding.what}});
  }
  return Json{{"total", total}, {"by_kind", std::move(by_kind)}, {"first", std::move(first)}};
}

/// When the log was restored, and so what was signed before does not count any more.
Json restored_json(const VerifyReport& report) {
  Json restored = Json::array();
  for (std::size_t i = 1; i < report.eras.size(); ++i) {
    restored.push_back(Json{{"event", report.eras[i].first.value()},
                            {"epoch", report.eras[i].epoch},
                            {"previous_epoch", report.eras[i - 1].epoch}});
  }
  return restored;
}

std::string restored_text(const VerifyReport& report) {
  if (report.replayed == 0) return "not looked at";
  if (report.eras.size() < 2) return "never";
  std::string text;
  for (std::size_t i = 1; i < report.eras.size(); ++i) {
    if (i > 1) text.append("; ");
    text.append(
        fmt::format("by event {}, from a backup: epoch {} began, and what was signed "
                    "behind event {} in epoch {} is gone",
                    report.eras[i].first.value(), report.eras[i].epoch,
                    report.eras[i].first.value() - 1, report.eras[i - 1].epoch));
  }
  return text;
}

Json report_json(const std::string& where, const VerifyReport& report) {
  const auto& checkpoint = report.checkpoint;
  Json before;
  if (report.before) {
    before = head_json(report.before->checkpoint);
    before["verified_at"] = report.before->verified_at;
  }
  return Json{{"log", where},
              {"sound", report.findings.empty()},
              {"origin", checkpoint ? Json(checkpoint->origin) : Json()},
              {"checkpoint", checkpoint ? head_json(*checkpoint) : Json()},
              {"key", report.key.empty() ? Json() : Json(report.key)},
              {"key_trust", to_string(report.trust)},
              {"continues", std::move(before)},
              {"events", report.events},
              {"replayed", report.replayed},
              {"restored", restored_json(report)},
              {"views_compared_at", report.compared_at ? Json(*report.compared_at) : Json()},
              {"findings", findings_json(report.findings)},
              {"seconds", report.seconds}};
}

std::string key_text(const VerifyReport& report) {
  switch (report.trust) {
    case KeyTrust::given:
      return report.key;
    case KeyTrust::kept:
      return fmt::format("{} (the same as before)", report.key);
    case KeyTrust::first_use:
      return fmt::format("{} (as its keeper says; compare it with what you were told)", report.key);
    case KeyTrust::none:
      break;
  }
  return "none";
}

std::string before_text(const VerifyReport& report) {
  if (!report.before) return "nothing: this log was not verified from here before";
  return fmt::format("the checkpoint of {} events verified at {}",
                     report.before->checkpoint.head.size, report.before->verified_at);
}

std::string report_text(const std::string& where, const VerifyReport& report) {
  const auto& checkpoint = report.checkpoint;
  Json lines{
      {"log", where},
      {"origin", checkpoint ? checkpoint->origin : "none: nothing was signed yet"},
      {"checkpoint", checkpoint ? fmt::format("{} events, root {}", checkpoint->head.size,
                                              to_base64(checkpoint->head.root))
                                : "none"},
      {"key", key_text(report)},
      {"continues", before_text(report)},
      {"checked", fmt::format("records, leaves, tiles and root of {} events", report.events)},
      {"replayed", report.replayed > 0 ? fmt::format("{} events", report.replayed) : "no"},
      {"restored", restored_text(report)},
      {"views", report.compared_at ? fmt::format("compared as of event {}", *report.compared_at)
                                   : "not compared"},
      {"took", fmt::format("{:.1f} s", report.seconds)}};
  return details_text(lines);
}

std::string findings_text(const audit::Findings& findings) {
  if (findings.empty()) return "\nthe log is sound\n";
  std::string text = "\nTHE LOG IS NOT SOUND\n\n";
  Table table({"kind", "event", "what"});
  for (const audit::Finding& finding : findings.first()) {
    table.add({finding.kind, finding.sequence > 0 ? fmt::to_string(finding.sequence) : "",
               printable(finding.what)});
  }
  text += table.text();
  std::uint64_t total = 0;
  for (const auto& [kind, count] : findings.counts()) total += count;
  if (total > findings.first().size()) {
    text += fmt::format("and {} more\n", total - findings.first().size());
  }
  return text;
}

/// Where a user's programs remember things.
CliResult<std::filesystem::path> default_kept(const Surroundings& around) {
  if (const auto state = around.variable("XDG_STATE_HOME")) {
    return std::filesystem::path(*state) / "muster" / "verified";
  }
  if (const auto home = around.variable("HOME")) {
    return std::filesystem::path(*home) / ".local" / "state" / "muster" / "verified";
  }
  return wrong_usage("there is no HOME to remember the verified checkpoint in",
                     "name a folder with --kept");
}

Outcome verify_log(Session& session, const VerifyCommandOptions& options) {
  audit::VerifyOptions verify = options.verify;
  verify.replay = !options.tree_only;
  verify.now = to_rfc3339(SystemClock().now());
  verify.kept = options.kept;
  if (options.kept.empty()) {
    auto folder = default_kept(session.around());
    if (!folder) return tl::unexpected(folder.error());
    verify.kept = *std::move(folder);
  }
  auto log = open_log(session, options.where, options.backup);
  if (!log) return tl::unexpected(log.error());
  ProgressBar bar(session.around().err, session.around().terminal, ProgressBar::Clock::now());
  const auto report =
      audit::verify(*log->source, log->data, verify, [&](std::uint64_t events, std::uint64_t of) {
        bar.update({.done = events, .total = of}, ProgressBar::Clock::now());
      });
  bar.clear();
  if (!report) return failed(report.error());
  if (session.json()) {
    session.print_json(report_json(options.where, *report));
  } else {
    session.print(report_text(options.where, *report) + findings_text(report->findings));
  }
  if (report->findings.empty()) return {};
  return tl::unexpected(Failure{.exit_code = ExitCode::unsound, .told = true});
}

}  // namespace

void add_verify_command(CLI::App& audit, Invocation& invocation) {
  auto& command = add_read(
      audit, invocation,
      {"verify",
       "Check a whole log without trusting who keeps it: signature, every record, tile and root, "
       "every transition, and that it continues what was verified before. Ends with 4 if "
       "something is found (docs/audit.md)",
       "audit verify data\n"
       "audit verify /mnt/backups --backup 3\n"
       "audit verify acme-log --key \"$(cat acme.vkey)\"\n"
       "audit verify http://127.0.0.1:7880 --json"});
  const auto options = std::make_shared<VerifyCommandOptions>();
  command
      .add_option(
          "log", options->where,
          "A data folder that no server uses, a folder of backups or of tiles, or a server's "
          "URL")
      ->required()
      ->option_text("LOG");
  command
      .add_option("--key", options->verify.key,
                  "The verifier key that must have signed [default: the one of before, else what "
                  "the log's keeper says]")
      ->option_text("KEY");
  command
      .add_option("--kept", options->kept,
                  "Where verified checkpoints are remembered [default: "
                  "~/.local/state/muster/verified]")
      ->option_text("DIR");
  command
      .add_option("--backup", options->backup,
                  "Which one of a folder of backups [default: the newest]")
      ->check(whole_number)
      ->option_text("N");
  command.add_flag("--tree-only", options->tree_only,
                   "Check records and tree, but not what the events say");
  command.add_option("--threads", options->verify.threads, "[default: one a processor]")
      ->check(whole_number)
      ->check(CLI::Range(1U, 256U))
      ->option_text("N");
  runs(command, invocation, options, verify_log);
}

}  // namespace muster::cli
