#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct ViewOptions {
  std::string name;
  std::string filter;
  std::optional<std::string> shared_with;
};

Outcome create(Session& session, const ViewOptions& options) {
  JsonBody body;
  body.text("name", std::string_view(options.name));
  body.text("filter", std::string_view(options.filter));
  body.text("shared_with", options.shared_with);
  return change_and_report(
      session, HttpMethod::post, "/v1/views", std::move(body),
      {fmt::format("view {} created", options.name), fmt::format("create view {}", options.name),
       fmt::format("view {} is there already", options.name)});
}

Outcome list(Session& session) {
  return show_list(
      session, "/v1/views",
      {column("id"), column("name"), column("owner"), column("shared_with"), column("filter")},
      "no views that you may see");
}

Outcome show(Session& session, const ViewOptions& options) {
  return show_one(session, item_path("views", options.name));
}

Outcome remove(Session& session, const ViewOptions& options) {
  return change_and_report(
      session, HttpMethod::del, item_path("views", options.name), {},
      {fmt::format("view {} removed", options.name), fmt::format("remove view {}", options.name),
       fmt::format("view {} is removed already", options.name)});
}

void on_view(CLI::App& command, Invocation& invocation,
             Outcome (*run)(Session&, const ViewOptions&)) {
  const auto options = std::make_shared<ViewOptions>();
  command.add_option("NAME", options->name, "The view's name, or id:N")->required();
  runs(command, invocation, options, run);
}

void add_create(CLI::App& view, Invocation& invocation) {
  auto& command = add_change(
      view, invocation,
      {"create", "Give a filter of devices a name, for yourself or for a fleet's members",
       "view create berlin-offline --filter 'tag.site = berlin and not online'\n"
       "view create lagging --filter 'stuck > 1d' --shared-with acme/kiosk"});
  const auto options = std::make_shared<ViewOptions>();
  command.add_option("NAME", options->name, "4 to 100 of A-Z a-z 0-9 _ -")->required();
  command.add_option("--filter", options->filter, "As in `muster device list --filter`")
      ->required()
      ->option_text("FILTER");
  command
      .add_option("--shared-with", options->shared_with,
                  "The fleet whose members see it too [default: nobody]")
      ->option_text("SLUG");
  runs(command, invocation, options, create);
}

}  // namespace

void add_view_commands(CLI::App& app, Invocation& invocation) {
  auto& view = add_group(app, "view", "Saved views: filters of devices that have a name");
  add_create(view, invocation);
  runs(add_read(view, invocation,
                {"list", "List your views and those shared with you", "view list"}),
       invocation, list);
  on_view(add_read(view, invocation, {"show", "Show one view", "view show berlin-offline --json"}),
          invocation, show);
  on_view(add_change(view, invocation, {"rm", "Remove a view", "view rm berlin-offline"}),
          invocation, remove);
}

}  // namespace muster::cli
