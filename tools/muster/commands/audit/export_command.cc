#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/audit/tile_export.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/commands/audit/parts.h"

namespace muster::cli {
namespace {

struct ExportOptions {
  std::string tiles;
  std::string data;
};

Outcome export_log(Session& session, const ExportOptions& options) {
  auto log = options.data.empty() ? open_servers_log(session) : open_log(session, options.data);
  if (!log) return tl::unexpected(log.error());
  ProgressBar bar(session.around().err, session.around().terminal, ProgressBar::Clock::now());
  const auto report = audit::export_tiles(
      *log->source, options.tiles, [&](std::uint64_t done, std::uint64_t total) {
        bar.update({.done = done, .total = total}, ProgressBar::Clock::now());
      });
  bar.clear();
  if (!report) return failed(report.error());
  if (session.json()) {
    session.print_json(Json{{"folder", options.tiles},
                            {"origin", report->origin},
                            {"events", report->size},
                            {"written", report->written},
                            {"kept", report->kept}});
    return {};
  }
  session.print(fmt::format("{} events of {} are in {}: {} tiles written, {} were there\n",
                            report->size, report->origin, options.tiles, report->written,
                            report->kept));
  return {};
}

}  // namespace

void add_export_command(CLI::App& audit, Invocation& invocation) {
  auto& command = add_read(
      audit, invocation,
      {"export",
       "Copy the whole log, with its tree, as C2SP tiles: for auditors, their tools, and other "
       "machines. Again: only what is new",
       "audit export --tiles acme-log\n"
       "audit export --tiles acme-log --data data"});
  const auto options = std::make_shared<ExportOptions>();
  command.add_option("--tiles", options->tiles, "The folder; made if it is missing")
      ->required()
      ->option_text("DIR");
  command
      .add_option("--data", options->data,
                  "Of this data folder, while no server uses it [default: ask the server]")
      ->option_text("DIR");
  runs(command, invocation, options, export_log);
}

}  // namespace muster::cli
