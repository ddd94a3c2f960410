#include "tools/muster/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "core/base/utf8.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/projections/projection_commands.h"
#include "tools/muster/support/spelling.h"

namespace muster::cli {
namespace {

constexpr const char* footer = R"(Settings:
  MUSTER_URL    the server's address [default: http://127.0.0.1:7880]
  MUSTER_TOKEN  the token; instead of both, `muster login`

Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 server not reachable,
4 an audit found something.
`muster COMMAND --help` explains a command and shows an example.)";

void declare(CLI::App& app, Invocation& invocation, const std::vector<AddCommands>& more) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "muster " MUSTER_VERSION);
  app.footer(footer);
  for (const auto add : more) add(app, invocation);
  add_session_commands(app, invocation);
  add_status_commands(app, invocation);
  add_org_commands(app, invocation);
  add_user_commands(app, invocation);
  add_token_commands(app, invocation);
  add_device_type_commands(app, invocation);
  add_fleet_commands(app, invocation);
  add_release_commands(app, invocation);
  add_device_commands(app, invocation);
  add_action_commands(app, invocation);
  add_view_commands(app, invocation);
  add_apply_commands(app, invocation);
  add_history_commands(app, invocation);
  add_why_command(app, invocation);
  add_as_of_command(app, invocation);
  add_diff_command(app, invocation);
  add_audit_commands(app, invocation);
  add_backup_commands(app, invocation);
  add_projection_commands(app, invocation);
}

std::vector<CLI::App*> commands_of(CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> names_of(const std::vector<CLI::App*>& commands) {
  std::vector<std::string> names;
  names.reserve(commands.size());
  for (const auto* command : commands) names.push_back(command->get_name());
  return names;
}

Failure unknown_command(const std::string& group, const std::string& word,
                        const std::vector<std::string>& known) {
  const auto what = word.empty() ? fmt::format("`{}` needs a command", group)
                                 : fmt::format("`{} {}` is no command", group, word);
  const auto meant = word.empty() ? std::nullopt : closest(word, known);
  auto remedy = meant ? fmt::format("Did you mean `{} {}`?", group, *meant)
                      : fmt::format("See `{} --help`.", group);
  auto failure = wrong_usage(what, std::move(remedy)).value();
  failure.problem.candidates = known;
  return failure;
}

/// Looks for a word where a command must be that is none. CLI11 would blame the words after it.
std::optional<Failure> find_unknown_command(CLI::App& app,
                                            const std::vector<std::string>& arguments) {
  auto* at = &app;
  std::string group = "muster";
  for (const auto& word : arguments) {
    const auto commands = commands_of(*at);
    if (commands.empty()) return std::nullopt;
    if (word == "--json") continue;
    if (word.starts_with('-')) return std::nullopt;
    const auto found =
        std::find_if(commands.begin(), commands.end(),
                     [&word](const CLI::App* each) { return each->get_name() == word; });
    if (found == commands.end()) return unknown_command(group, word, names_of(commands));
    at = *found;
    group.append(" ").append(word);
  }
  const auto commands = commands_of(*at);
  if (commands.empty()) return std::nullopt;
  return unknown_command(group, "", names_of(commands));
}

/// `muster fleet pin`: the innermost command that was recognised.
std::string path_of(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty()) return app.get_name();
  return fmt::format("{} {}", app.get_name(), path_of(*chosen.front()));
}

/// Fills in what `app` was declared with. True: there is a command to run; false: the help or the
/// version was asked for and printed.
CliResult<bool> parse(CLI::App& app, std::vector<std::string> arguments,
                      const Surroundings& around) {
  if (auto unknown = find_unknown_command(app, arguments)) {
    return tl::unexpected(std::move(*unknown));
  }
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back.
    app.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    around.out(app.help());
    return false;
  } catch (const CLI::CallForVersion& version) {
    around.out(fmt::format("{}\n", version.what()));
    return false;
  } catch (const CLI::ParseError& error) {
    return wrong_usage(error.what(), fmt::format("See `{} --help`.", path_of(app)));
  }
  return true;
}

int tell(const Failure& failure, bool json, const Surroundings& around,
         const std::vector<std::string>& secrets) {
  if (!failure.told) around.err(without_secrets(failure_text(failure, json), secrets));
  return static_cast<int>(failure.exit_code);
}

Outcome run_guarded(const Invocation& invocation, Session& session) {
  try {
    return invocation.run(session);
  } catch (const std::exception& error) {
    return failed(Error{ErrorCode::failed,
                        fmt::format("a fault in this program, which ended the command; whether it "
                                    "took effect is not known: {}",
                                    error.what())});
  }
}

int run(const std::vector<std::string>& arguments, Surroundings& around,
        const std::vector<AddCommands>& more) {
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  if (!std::all_of(arguments.begin(), arguments.end(), is_utf8)) {
    return tell(wrong_usage("an argument is not UTF-8").value(), json, around, {});
  }
  Invocation invocation;
  CLI::App app("Muster, the state store of a fleet of devices", "muster");
  declare(app, invocation, more);
  const auto parsed = parse(app, arguments, around);
  if (!parsed) return tell(parsed.error(), json, around, {});
  if (!*parsed) return static_cast<int>(ExitCode::done);
  Session session(around, invocation.json, invocation.change);
  const auto outcome = run_guarded(invocation, session);
  if (!outcome) return tell(outcome.error(), invocation.json, around, session.secrets());
  return static_cast<int>(ExitCode::done);
}

}  // namespace

int run_command_line(const std::vector<std::string>& arguments, Surroundings& around,
                     const std::vector<AddCommands>& more) {
  try {
    return run(arguments, around, more);
  } catch (const std::exception& error) {
    around.err(fmt::format("muster: a fault in this program: {}\n", error.what()));
    return static_cast<int>(ExitCode::refused);
  }
}

}  // namespace muster::cli
