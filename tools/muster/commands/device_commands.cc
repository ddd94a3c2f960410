#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct RegisterOptions {
  std::string slug;
  std::optional<std::string> uuid;
  std::optional<std::string> type;
  std::optional<std::string> name;
  std::optional<std::string> encoding;
};

struct DeviceOptions {
  std::string uuid;
  std::string text;
  std::vector<std::string> tags;
  std::vector<std::string> removed;
  bool now = false;
};

/// With what the device connects. The server says it in this answer only.
void print_access(const Session& session, const Json& answer) {
  if (session.json() || flag_at(answer, "dry_run") || !has(answer, "mqtt")) return;
  session.print(details_text(Json{{"uuid", text_at(answer, "uuid")}, {"mqtt", answer.at("mqtt")}}));
}

Outcome enrol(Session& session, const RegisterOptions& options) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("uuid", options.uuid);
  body.text("device_type", options.type);
  body.text("name", options.name);
  body.text("encoding", options.encoding);
  const auto answer = session.change(HttpMethod::post, *path + "/devices", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto uuid = has(*answer, "uuid") ? text_at(*answer, "uuid") : options.uuid.value_or("");
  const auto device = uuid.empty() ? std::string("a device") : fmt::format("device {}", uuid);
  report(session, *answer,
         {fmt::format("{} registered in fleet {}", device, options.slug),
          fmt::format("register {} in fleet {}", device, options.slug),
          fmt::format("{} is registered in fleet {} already", device, options.slug)});
  print_access(session, *answer);
  return {};
}

Outcome show(Session& session, const DeviceOptions& options) {
  return show_one(session, item_path("devices", options.uuid));
}

Outcome rename(Session& session, const DeviceOptions& options) {
  JsonBody body;
  body.text("name", std::string_view(options.text));
  return change_and_report(
      session, HttpMethod::patch, item_path("devices", options.uuid), std::move(body),
      {fmt::format("device {} is named {}", options.uuid, options.text),
       fmt::format("name device {} {}", options.uuid, options.text),
       fmt::format("device {} is named {} already", options.uuid, options.text)});
}

Outcome note(Session& session, const DeviceOptions& options) {
  JsonBody body;
  body.text("note", std::string_view(options.text));
  return change_and_report(session, HttpMethod::patch, item_path("devices", options.uuid),
                           std::move(body),
                           {fmt::format("note of device {} changed", options.uuid),
                            fmt::format("change the note of device {}", options.uuid),
                            fmt::format("device {} has that note already", options.uuid)});
}

Outcome rotate_key(Session& session, const DeviceOptions& options) {
  JsonBody body;
  body.flag("now", options.now);
  const auto path = fmt::format("{}/rotate-key", item_path("devices", options.uuid));
  const auto answer = session.change(HttpMethod::post, path, std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const std::string_view until =
      options.now ? "; older ones are refused now" : "; older ones are good until it is used";
  report(session, *answer,
         {fmt::format("device {} has a new key{}", options.uuid, until),
          fmt::format("give device {} a new key", options.uuid),
          fmt::format("device {} has that key already", options.uuid)});
  print_access(session, *answer);
  return {};
}

/// Tags to set and, as null, tags to remove.
CliResult<Json> tags_of(const DeviceOptions& options) {
  auto tags = Json::object();
  for (const auto& tag : options.tags) {
    const auto equals = tag.find('=');
    if (equals == std::string::npos || equals == 0) {
      return wrong_usage(fmt::format("'{}' is no tag: a tag is written KEY=VALUE", tag),
                         "To remove a tag use --rm KEY.");
    }
    const auto key = tag.substr(0, equals);
    if (tags.contains(key)) return wrong_usage(fmt::format("tag '{}' is given twice", key));
    tags[key] = tag.substr(equals + 1);
  }
  for (const auto& key : options.removed) {
    if (tags.contains(key)) return wrong_usage(fmt::format("tag '{}' is given twice", key));
    tags[key] = nullptr;
  }
  if (tags.empty()) return wrong_usage("no tag is given", "Say KEY=VALUE, or --rm KEY.");
  return tags;
}

Outcome tag(Session& session, const DeviceOptions& options) {
  const auto tags = tags_of(options);
  if (!tags) return tl::unexpected(tags.error());
  JsonBody body;
  body.raw("tags", tags->dump());
  const auto what = count_text(tags->size(), "tag", "tags");
  return change_and_report(session, HttpMethod::patch, item_path("devices", options.uuid),
                           std::move(body),
                           {fmt::format("{} of device {} changed", what, options.uuid),
                            fmt::format("change {} of device {}", what, options.uuid),
                            fmt::format("the tags of device {} are so already", options.uuid)});
}

void add_register(CLI::App& device, Invocation& invocation) {
  auto& command = add_change(
      device, invocation,
      {"register", "Take a device into a fleet; says with what it connects to the broker",
       "device register acme/thermo --name kitchen-1 --json > kitchen-1.json"});
  const auto options = std::make_shared<RegisterOptions>();
  command.add_option("SLUG", options->slug, "The fleet: ORGANISATION/NAME")->required();
  command.add_option("--uuid", options->uuid, "32 hexadecimal digits [default: a new one]")
      ->option_text("UUID");
  command.add_option("--type", options->type, "Its device type [default: the fleet's]")
      ->option_text("TYPE");
  command.add_option("--name", options->name, "Its name for people")->option_text("NAME");
  command
      .add_option("--encoding", options->encoding,
                  "How its messages are written: json or flatbuffers [default: json]")
      ->check(CLI::IsMember({"json", "flatbuffers"}))
      ->option_text("ENCODING");
  runs(command, invocation, options, enrol);
}

std::shared_ptr<DeviceOptions> on_device(CLI::App& command, Invocation& invocation,
                                         Outcome (*run)(Session&, const DeviceOptions&)) {
  auto options = std::make_shared<DeviceOptions>();
  command.add_option("UUID", options->uuid, "The device's uuid, or at least 7 digits of it")
      ->required();
  runs(command, invocation, options, run);
  return options;
}

void add_tag(CLI::App& device, Invocation& invocation) {
  auto& command = add_change(device, invocation,
                             {"tag", "Set and remove tags of a device",
                              "device tag 4f1c2d3 site=hamburg rack=7 --rm trial"});
  const auto options = on_device(command, invocation, tag);
  command.add_option("TAG", options->tags, "KEY=VALUE")->option_text("KEY=VALUE...");
  command.add_option("--rm", options->removed, "Tags to remove")->option_text("KEY...");
}

}  // namespace

void add_device_commands(CLI::App& app, Invocation& invocation) {
  auto& device = add_group(app, "device", "Devices: what they should run, and do run");
  add_register(device, invocation);
  add_device_list_command(device, invocation);
  on_device(add_read(device, invocation, {"show", "Show one device", "device show 4f1c2d3 --json"}),
            invocation, show);
  auto& naming =
      add_change(device, invocation,
                 {"rename", "Give a device another name", "device rename 4f1c2d3 kitchen-2"});
  const auto named = on_device(naming, invocation, rename);
  naming.add_option("NAME", named->text, "The new name")->required();
  auto& noting = add_change(device, invocation,
                            {"note", "Replace the note of a device; an empty text removes it",
                             "device note 4f1c2d3 'behind the boiler'"});
  const auto noted = on_device(noting, invocation, note);
  noting.add_option("TEXT", noted->text, "The new note")->required();
  add_tag(device, invocation);
  auto& rotating = add_change(
      device, invocation,
      {"rotate-key", "Give a device a new key; also where the old one is lost",
       "device rotate-key 4f1c2d3 --json > kitchen-1.json\ndevice rotate-key 4f1c2d3 --now"});
  const auto rotated = on_device(rotating, invocation, rotate_key);
  rotating.add_flag("--now", rotated->now,
                    "Refuse the old keys at once, not from the first birth with the new one");
  add_device_policy_commands(device, invocation);
  add_device_move_command(device, invocation);
  add_device_action_commands(device, invocation);
  add_device_life_commands(device, invocation);
}

}  // namespace muster::cli
