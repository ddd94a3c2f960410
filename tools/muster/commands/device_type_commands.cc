#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct CreateOptions {
  std::string slug;
  std::string architecture;
  std::optional<std::string> name;
  bool os_update = false;
};

struct ShowOptions {
  std::string slug;
};

Outcome create(Session& session, const CreateOptions& options) {
  JsonBody body;
  body.text("slug", std::string_view(options.slug));
  body.text("architecture", std::string_view(options.architecture));
  body.text("name", options.name);
  if (options.os_update) body.flag("os_update_supported", true);
  const auto what = fmt::format("device type {} ({})", options.slug, options.architecture);
  return change_and_report(session, HttpMethod::post, "/v1/device-types", std::move(body),
                           {fmt::format("{} created", what), fmt::format("create {}", what),
                            fmt::format("{} exists already", what)});
}

Outcome list(Session& session) {
  return show_list(session, "/v1/device-types",
                   {column("slug"), column("architecture"), column("name")}, "no device types");
}

Outcome show(Session& session, const ShowOptions& options) {
  return show_one(session, item_path("device-types", options.slug));
}

void add_create(CLI::App& type, Invocation& invocation) {
  auto& command = add_change(
      type, invocation,
      {"create", "Add a device type", "device-type create acme-board --architecture aarch64"});
  const auto options = std::make_shared<CreateOptions>();
  command.add_option("SLUG", options->slug, "Its short name")->required();
  command
      .add_option("--architecture", options->architecture,
                  "What its programs are built for, e.g. aarch64")
      ->required()
      ->option_text("ARCHITECTURE");
  command.add_option("--name", options->name, "Its name for people")->option_text("NAME");
  command.add_flag("--os-update-supported", options->os_update,
                   "Its host OS can be updated remotely");
  runs(command, invocation, options, create);
}

void add_show(CLI::App& type, Invocation& invocation) {
  auto& command = add_read(type, invocation,
                           {"show", "Show one device type", "device-type show raspberrypi4-64"});
  const auto options = std::make_shared<ShowOptions>();
  command.add_option("SLUG", options->slug, "Its short name")->required();
  runs(command, invocation, options, show);
}

}  // namespace

void add_device_type_commands(CLI::App& app, Invocation& invocation) {
  auto& type = add_group(app, "device-type", "Device types: which hardware there is");
  add_create(type, invocation);
  runs(add_read(type, invocation, {"list", "List all device types", "device-type list"}),
       invocation, list);
  add_show(type, invocation);
}

}  // namespace muster::cli
