#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/history/event_text.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct HistoryOptions {
  std::string name;
  std::string kind;
  std::string actor;
  std::string after;
  bool oldest_first = false;
  bool all = false;
  std::size_t limit = 100;
};

std::string query_of(const HistoryOptions& options) {
  std::string query = options.oldest_first ? "?order=asc" : "?order=desc";
  const auto add = [&query](std::string_view name, const std::string& value) {
    if (!value.empty()) query += fmt::format("&{}={}", name, percent_encode(value));
  };
  add("kind", options.kind);
  add("actor", options.actor);
  return query;
}

Outcome show(Session& session, const std::string& path, const HistoryOptions& options) {
  const auto most = options.all ? SIZE_MAX : options.limit;
  const auto listed = session.list(path + "/history" + query_of(options), most, options.after);
  if (!listed) return tl::unexpected(listed.error());
  const Json& events = listed->at("items");
  print_list(session, events, event_columns(), "no events that you may see");
  if (flag_at(*listed, "more")) {
    session.around().err(fmt::format("{} events shown; go on with --after {}, or --all\n",
                                     events.size(), text_at(*listed, "next")));
  }
  return {};
}

Outcome of_device(Session& session, const HistoryOptions& options) {
  return show(session, item_path("devices", options.name), options);
}

Outcome of_fleet(Session& session, const HistoryOptions& options) {
  const auto path = fleet_path(options.name);
  if (!path) return tl::unexpected(path.error());
  return show(session, *path, options);
}

Outcome of_organisation(Session& session, const HistoryOptions& options) {
  return show(session, item_path("organisations", options.name), options);
}

Outcome of_user(Session& session, const HistoryOptions& options) {
  return show(session, item_path("users", options.name), options);
}

using Run = Outcome (*)(Session&, const HistoryOptions&);

void add_history(CLI::App& group, Invocation& invocation, const Leaf& leaf, const std::string& word,
                 Run run) {
  auto& command = add_read(group, invocation, leaf);
  const auto options = std::make_shared<HistoryOptions>();
  command.add_option(word, options->name, "Whose history; former names are found, too")->required();
  command
      .add_option("--kind", options->kind,
                  "Only events of these types, e.g. DevicePinned,DeviceMoved")
      ->option_text("TYPES");
  command
      .add_option("--actor", options->actor,
                  "Only what this user asked for; `muster`: what Muster itself did")
      ->option_text("NAME");
  command.add_flag("--oldest-first", options->oldest_first, "From the beginning on");
  command
      .add_option("--after", options->after,
                  "Go on behind the event with this sequence, in the direction of the list")
      ->check(whole_number)
      ->option_text("SEQUENCE");
  auto* limit =
      command.add_option("--limit", options->limit, "Show at most so many [default: 100]")
          ->check(whole_number)
          ->option_text("N");
  command.add_flag("--all", options->all, "Show all, however many")->excludes(limit);
  runs(command, invocation, options, run);
}

}  // namespace

void add_history_commands(CLI::App& app, Invocation& invocation) {
  auto& history = add_group(app, "history", "What happened, when, and who asked for it");
  add_history(history, invocation,
              {"device", "What happened to a device, in all lives of its uuid",
               "history device 4f1c2d3\n"
               "history device 4f1c2d3 --kind DevicePinned,DeviceMoved --oldest-first"},
              "UUID", of_device);
  add_history(history, invocation,
              {"fleet", "What happened to a fleet: policy, releases, members, comings and goings",
               "history fleet acme/thermo\nhistory fleet acme/thermo --actor anna --all"},
              "SLUG", of_fleet);
  add_history(history, invocation,
              {"org", "What happened to an organisation: its members and fleets",
               "history org acme --limit 20"},
              "HANDLE", of_organisation);
  add_history(history, invocation,
              {"user", "What a user did, and what was done to it", "history user anna --json"},
              "NAME", of_user);
}

}  // namespace muster::cli
