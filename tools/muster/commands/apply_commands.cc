#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "tools/muster/apply/apply_run.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

constexpr std::size_t failures_shown_max = 20;
constexpr const char* explanation = R"(A line is a command of the HTTP API as one JSON object:
  {"command":"device.pin","device":"4f1c2d3...","release":"1.4.2"}
docs/http-api.md lists the commands. Each line is done by itself, in the order of
the file; one that fails does not keep the others from being done. The same file
sent again does nothing twice: after an interruption, just run it again.)";

double seconds_since(ProgressBar::Clock::time_point start) {
  return std::chrono::duration<double>(ProgressBar::Clock::now() - start).count();
}

void tell_failures(const Session& session, const ApplyRun& run, const ApplyOptions& options) {
  std::size_t shown = 0;
  for (const Json& failure : run.failures()) {
    if (shown++ == failures_shown_max) break;
    session.around().err(fmt::format("line {}: {} [{}]\n", count_at(failure, "line"),
                                     printable(text_at(failure, "detail")),
                                     printable(text_at(failure, "code"))));
  }
  const auto failed = run.tally().failed;
  if (failed <= failures_shown_max) return;
  session.around().err(fmt::format("and {} more; {}\n", failed - failures_shown_max,
                                   options.failures_file.empty()
                                       ? std::string("--failures FILE writes all of them to a file")
                                       : fmt::format("all are in {}", options.failures_file)));
}

Json summary_json(const ApplyRun& run, const CommandFile& file, const ApplyOptions& options,
                  double seconds) {
  const ApplyTally& tally = run.tally();
  return Json{{"commands", file.commands()},
              {"answered", tally.answered()},
              {options.dry_run ? "would_change" : "changed", tally.done},
              {"unchanged", tally.unchanged},
              {"repeated", tally.repeated},
              {"failed", tally.failed},
              {"failures", run.failures()},
              {"idempotency_key", options.idempotency_key},
              {"seconds", seconds}};
}

std::string summary_text(const ApplyRun& run, const CommandFile& file, const ApplyOptions& options,
                         double seconds) {
  const ApplyTally& tally = run.tally();
  std::string text = fmt::format("{}: {} {}", count_text(file.commands(), "command", "commands"),
                                 tally.done, options.dry_run ? "would be done" : "done");
  if (tally.unchanged > 0) text += fmt::format(", {} with nothing to do", tally.unchanged);
  if (tally.repeated > 0) text += fmt::format(", {} done already", tally.repeated);
  if (tally.failed > 0) text += fmt::format(", {} failed", tally.failed);
  const auto rest = file.commands() - std::min(file.commands(), tally.answered());
  if (rest > 0) text += fmt::format(", {} not tried", rest);
  return fmt::format("{}; {:.1f} s\n", text, seconds);
}

Outcome apply(Session& session, const ApplyOptions& given) {
  const auto start = ProgressBar::Clock::now();
  const auto file = CommandFile::open(session.around(), given.file);
  if (!file) return tl::unexpected(file.error());
  if (file->commands() == 0) {
    return wrong_usage(fmt::format("'{}' has no commands", given.file),
                       "Give one JSON object a line; see `muster apply --help`.");
  }
  ApplyOptions options = given;
  if (options.idempotency_key.empty()) {
    options.idempotency_key = fmt::format("apply-{}", file->digest());
  }
  ApplyRun run(session, options, *file);
  const auto sent = run.send_all();
  if (run.tally().answered() > 0) {
    if (!session.json()) tell_failures(session, run, options);
    const double seconds = seconds_since(start);
    if (session.json()) {
      session.print_json(summary_json(run, *file, options, seconds));
    } else {
      session.print(summary_text(run, *file, options, seconds));
    }
  }
  if (!sent) return sent;
  return ended_with(run.tally().failed == 0 ? 0 : 1);
}

}  // namespace

void add_apply_commands(CLI::App& app, Invocation& invocation) {
  auto& command = add_command(app, {"apply", "Send a file of commands, thousands in a second",
                                    "apply pins.ndjson\n"
                                    "apply pins.ndjson --dry-run\n"
                                    "apply - --failures failed.ndjson < pins.ndjson"});
  command.description(fmt::format("{}\n\n{}", command.get_description(), explanation));
  const auto options = std::make_shared<ApplyOptions>();
  command.add_option("FILE", options->file, "One command a line; - is standard input")->required();
  command.add_flag("--stop-on-error", options->stop_on_error,
                   "Do nothing after the first line that fails; each line waits for the one "
                   "before, which is slower");
  command.add_flag("--dry-run", options->dry_run,
                   "Say what would change, and change nothing; each line is tried by itself");
  command
      .add_option("--failures", options->failures_file,
                  "Write the lines that fail there, with the reasons, one JSON object each")
      ->option_text("FILE");
  command
      .add_option("--idempotency-key", options->idempotency_key,
                  "The same key again does nothing more; lines may have keys of their own "
                  "[default: made from the file's content]")
      ->option_text("KEY");
  command.add_flag("--json", invocation.json, "Summary and problems as JSON");
  runs(command, invocation, options, apply);
}

}  // namespace muster::cli
