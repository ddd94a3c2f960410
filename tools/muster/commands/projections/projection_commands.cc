#include "tools/muster/commands/projections/projection_commands.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/log.h"
#include "tools/http/percent.h"
#include "tools/muster/commands/projections/projection_runs.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/table.h"
#include "tools/muster/output/text.h"
#include "tools/store/offline_views.h"
#include "tools/store/projection_json.h"

namespace muster::cli {
namespace {

constexpr std::size_t digest_shown = 16;

struct RunOptions {
  ProjectionRun run;
  bool cancel = false;
};

std::string report_text(const Json& run) {
  Table table({"projection", "as of", "rows", "differences", "digest", "folding s", "rest s"});
  std::string examples;
  for (const Json& report : run.at("reports")) {
    table.add({text_at(report, "projection"), text_at(report, "position"), text_at(report, "rows"),
               text_at(report, "differences"), text_at(report, "digest").substr(0, digest_shown),
               fmt::format("{:.1f}", report.at("folding_s").get<double>()),
               fmt::format("{:.1f}", report.at("comparing_s").get<double>() +
                                         report.at("switching_s").get<double>())});
    for (const Json& each : report.at("examples")) {
      examples.append(fmt::format("  {}: {}: {}\n", text_at(report, "projection"),
                                  printable(text_at(each, "row")), text_at(each, "is")));
    }
  }
  std::string text = table.text();
  if (!examples.empty()) {
    text.append("\nTHE PROJECTION DIFFERED FROM THE LOG; for example, what was stored:\n");
    text.append(examples);
  }
  return text;
}

std::uint64_t differences_of(const Json& run) {
  std::uint64_t all = 0;
  for (const Json& report : run.at("reports")) all += count_at(report, "differences");
  return all;
}

/// A run that did not come to its end.
tl::unexpected<Failure> not_done(const Json& run, bool rebuild) {
  Failure failure;
  failure.problem = Problem{.status = 0,
                            .code = text_at(run, "state"),
                            .title = "",
                            .detail = text_at(run, "problem"),
                            .entity = fmt::format("projection {}", text_at(run, "current")),
                            .remedy = rebuild ? "the same command goes on where it was" : ""};
  return tl::unexpected(std::move(failure));
}

Outcome tell(Session& session, const Json& run, bool rebuild) {
  const bool done = text_at(run, "state") == "done";
  if (session.json()) {
    session.print_json(run);
  } else if (!run.at("reports").empty()) {
    session.print(report_text(run));
  }
  if (!done) return not_done(run, rebuild);
  const bool differs = differences_of(run) > 0;
  if (!rebuild && differs) {
    if (!session.json()) session.print("\nmuster projection rebuild NAME makes it right\n");
    return tl::unexpected(Failure{.exit_code = ExitCode::unsound, .told = true});
  }
  if (rebuild && differs && !session.json()) {
    session.print(
        "\nThe rebuilt rows are in use: the log is the truth. A server that runs has read rows\n"
        "into memory when it started: restart it, then run muster broker reconcile.\n");
  }
  return {};
}

Outcome run_projections(Session& session, const RunOptions& options) {
  const ProjectionRun& what = options.run;
  if (options.cancel) {
    if (!what.data.empty()) return wrong_usage("--cancel asks a server; leave out --data");
    const auto run = session.change(
        HttpMethod::del, fmt::format("/v1/projections/{}/rebuild", percent_encode(what.name)), {});
    if (!run) return tl::unexpected(run.error());
    if (session.json()) {
      session.print_json(*run);
    } else {
      session.print("the rebuild is being cancelled; the next one goes on where it was\n");
    }
    return {};
  }
  const auto run = what.data.empty() ? run_on_server(session, what) : run_offline(session, what);
  if (!run) return tl::unexpected(run.error());
  return tell(session, *run, what.rebuild);
}

Outcome list_projections(Session& session, const std::string& data) {
  const std::vector<Column> columns{
      column("name"),      column("version"), column("generation"), column("position"),
      column("lag"),       column("bytes"),   column("rows"),       column("unfinished_rebuild"),
      column("last_error")};
  if (data.empty()) return show_list(session, "/v1/projections", columns, "no projections");
  configure_logging(Severity::warn);
  const auto offline = OfflineViews::open(data, OfflineViews::For::reading);
  if (!offline) return failed(offline.error());
  Json items = Json::array();
  for (const ViewStatus& view : (*offline)->views().views()) {
    items.push_back(render_projection((*offline)->views(), view, (*offline)->head(), {}));
  }
  print_list(session, items, columns, "no projections");
  return {};
}

void add_data_option(CLI::App& command, std::string& data) {
  command
      .add_option("--data", data,
                  "Of this data folder, while no server uses it [default: ask the server]")
      ->option_text("DIR");
}

void add_rebuild(CLI::App& group, Invocation& invocation) {
  auto& command = add_read(
      group, invocation,
      {"rebuild",
       "Fold the log anew beside the rows in use, compare, and switch over all at once. Stopped, "
       "the same command goes on where it was; Ctrl-C only stops watching a server's rebuild",
       "projection rebuild registry\n"
       "projection rebuild all --data data\n"
       "projection rebuild all --cancel"});
  const auto options = std::make_shared<RunOptions>();
  command.add_option("name", options->run.name, "A projection, or all")
      ->required()
      ->option_text("NAME|all");
  add_data_option(command, options->run.data);
  command.add_flag("--from-start", options->run.from_start,
                   "Forget what a rebuild that was stopped has folded");
  command.add_flag("--cancel", options->cancel, "Stop the server's rebuild");
  runs(command, invocation, options, run_projections);
}

void add_check(CLI::App& group, Invocation& invocation) {
  auto& command =
      add_read(group, invocation,
               {"check",
                "Fold the log anew and compare, changing nothing. Ends with 4 if a row is not what "
                "the log says",
                "projection check\n"
                "projection check registry --data data --json"});
  const auto options = std::make_shared<RunOptions>();
  options->run.rebuild = false;
  command.add_option("name", options->run.name, "A projection [default: all]")->option_text("NAME");
  add_data_option(command, options->run.data);
  runs(command, invocation, options, run_projections);
}

}  // namespace

void add_projection_commands(CLI::App& app, Invocation& invocation) {
  auto& group = add_group(app, "projection", "What is folded from the log: look, check, rebuild");
  auto& list = add_read(group, invocation,
                        {"list", "Show all projections: how far, how large, what went wrong",
                         "projection list\nprojection list --data data"});
  const auto data = std::make_shared<std::string>();
  add_data_option(list, *data);
  runs(list, invocation, data, list_projections);
  add_rebuild(group, invocation);
  add_check(group, invocation);
}

}  // namespace muster::cli
