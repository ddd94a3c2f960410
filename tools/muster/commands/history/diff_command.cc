#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

struct DiffOptions {
  std::string from;
  std::string to;
  std::string fleet;
};

std::string device_digits(const Json& change) {
  constexpr std::size_t digits = 12;
  return text_at(change, "device").substr(0, digits);
}

std::string release_or_none(const Json& change, std::string_view name) {
  const auto text = short_commit(text_at(change, name));
  return text.empty() ? "none" : text;
}

Outcome diff(Session& session, const DiffOptions& options) {
  auto path = fmt::format("/v1/diff?from={}&to={}", percent_encode(options.from),
                          percent_encode(options.to));
  if (!options.fleet.empty()) path += fmt::format("&fleet={}", percent_encode(options.fleet));
  return show_list(session, path,
                   {{"device", device_digits},
                    column("fleet"),
                    {"from", [](const Json& each) { return release_or_none(each, "from"); }},
                    {"to", [](const Json& each) { return release_or_none(each, "to"); }},
                    column("sequence"),
                    column("at"),
                    column("event"),
                    column("actor"),
                    column("reason")},
                   "no target changed");
}

}  // namespace

void add_diff_command(CLI::App& app, Invocation& invocation) {
  auto& command = add_read(app, invocation,
                           {"diff",
                            "Which devices' targets changed between two moments: from what, to "
                            "what, by whom and by which event",
                            "diff 2026-11-21T08:30:00Z 2026-11-21T09:00:00Z\n"
                            "diff 9007 9120 --fleet acme/thermo --json"});
  const auto options = std::make_shared<DiffOptions>();
  command
      .add_option("FROM", options->from,
                  "A time (UTC), or the sequence of an event; inside of a command: before it")
      ->required();
  command.add_option("TO", options->to, "The same; later")->required();
  command.add_option("--fleet", options->fleet, "Only in that fleet")->option_text("SLUG");
  runs(command, invocation, options, diff);
}

}  // namespace muster::cli
