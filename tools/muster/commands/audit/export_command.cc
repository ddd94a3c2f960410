#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/audit/tile_export.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/commands/audit/event_export.h"
#include "tools/muster/commands/audit/parts.h"

namespace muster::cli {
namespace {

struct ExportOptions {
  std::string tiles;
  std::string data;
  bool cloudevents = false;
  EventExportOptions events;
};

Outcome copy_tiles(Session& session, const ExportOptions& options) {
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

Outcome export_log(Session& session, const ExportOptions& options) {
  if (options.cloudevents) return export_events(session, options.events);
  if (!options.tiles.empty()) return copy_tiles(session, options);
  return wrong_usage("nothing says in which form", "--tiles DIR, or --cloudevents");
}

}  // namespace

void add_export_command(CLI::App& audit, Invocation& invocation) {
  auto& command = add_read(
      audit, invocation,
      {"export",
       "Copy the log. As C2SP tiles with its tree, the whole of it, for auditors, their tools and "
       "other machines; again: only what is new. Or print the events that you may see, oldest "
       "first, as CloudEvents 1.0: one JSON object a line",
       "audit export --tiles acme-log\n"
       "audit export --tiles acme-log --data data\n"
       "audit export --cloudevents > events.ndjson\n"
       "audit export --cloudevents --after 9007 --follow"});
  const auto options = std::make_shared<ExportOptions>();
  auto* tiles = command.add_option("--tiles", options->tiles, "The folder; made if it is missing")
                    ->option_text("DIR");
  command
      .add_option("--data", options->data,
                  "Of this data folder, while no server uses it [default: ask the server]")
      ->needs(tiles)
      ->option_text("DIR");
  auto* events =
      command.add_flag("--cloudevents", options->cloudevents, "Print the events")->excludes(tiles);
  command.add_option("--after", options->events.after, "Go on behind the event with this sequence")
      ->needs(events)
      ->check(whole_number)
      ->option_text("SEQUENCE");
  command
      .add_option("--limit", options->events.limit,
                  "About so many; commands are not cut [default: all]")
      ->needs(events)
      ->check(whole_number)
      ->option_text("N");
  command.add_flag("--follow", options->events.follow, "Go on with what happens from now on")
      ->needs(events);
  runs(command, invocation, options, export_log);
}

}  // namespace muster::cli
