#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct AsOfOptions {
  std::string moment;
  std::string device;
  std::string fleet;
};

std::string queue_text(const Json& device) {
  std::string text;
  const Json queue = has(device, "queue") ? device.at("queue") : Json::array();
  for (const Json& action : queue) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", text_at(action, "kind"),
                        text_at(action, "state"));
  }
  return text;
}

std::string uuid_digits(const Json& device) {
  constexpr std::size_t digits = 12;
  return text_at(device, "uuid").substr(0, digits);
}

std::vector<Column> device_columns() {
  return {{"uuid", uuid_digits},
          column("name"),
          column("fleet"),
          release_column("target_release"),
          {"release policy", [](const Json& device) { return text_at(device, "policy"); }},
          release_column("running_release"),
          column("lifecycle"),
          {"queue", queue_text}};
}

std::vector<Column> fleet_columns() {
  return {column("slug"),    column("policy"),         release_column("target_release"),
          column("devices"), column("pinned_devices"), column("members")};
}

/// All pages of what was, as the first one with all devices in `devices`.
CliResult<Json> read_all(Session& session, const std::string& path) {
  auto whole = session.get(path);
  if (!whole) return whole;
  Json devices = has(*whole, "items") ? whole->at("items") : Json::array();
  std::string next = text_at(*whole, "next");
  while (!next.empty()) {
    const auto page = session.get(fmt::format("{}&after={}", path, percent_encode(next)));
    if (!page) return page;
    for (const Json& item : page->at("items")) devices.push_back(item);
    const std::string after = std::exchange(next, text_at(*page, "next"));
    if (after == next) return failed(Error{ErrorCode::failed, "the list does not go on"});
  }
  whole->erase("items");
  whole->erase("next");
  (*whole)["devices"] = std::move(devices);
  return whole;
}

void print_moment(Session& session, const Json& answer) {
  const Json& moment = answer.at("moment");
  session.print(
      fmt::format("as of sequence {}, {}\n", text_at(moment, "sequence"), text_at(moment, "at")));
}

Outcome device_as_of(Session& session, const AsOfOptions& options, const std::string& query) {
  const auto answer = session.get(item_path("devices", options.device) + "/as-of" + query);
  if (!answer) return tl::unexpected(answer.error());
  if (!session.json()) print_moment(session, *answer);
  print_details(session, session.json() ? *answer : answer->at("device"));
  return {};
}

Outcome lists_as_of(Session& session, const std::string& path) {
  const auto answer = read_all(session, path);
  if (!answer) return tl::unexpected(answer.error());
  if (session.json()) {
    session.print_json(*answer);
    return {};
  }
  print_moment(session, *answer);
  if (has(*answer, "fleet"))
    print_list(session, Json::array({answer->at("fleet")}), fleet_columns(), "");
  if (has(*answer, "fleets")) {
    print_list(session, answer->at("fleets"), fleet_columns(), "no fleets that you may see");
  }
  session.print("\n");
  print_list(session, answer->at("devices"), device_columns(), "no devices that you may see");
  return {};
}

Outcome as_of(Session& session, const AsOfOptions& options) {
  const auto query = fmt::format("?at={}", percent_encode(options.moment));
  if (!options.device.empty()) return device_as_of(session, options, query);
  if (options.fleet.empty()) return lists_as_of(session, "/v1/as-of" + query);
  const auto path = fleet_path(options.fleet);
  if (!path) return tl::unexpected(path.error());
  return lists_as_of(session, *path + "/as-of" + query);
}

}  // namespace

void add_as_of_command(CLI::App& app, Invocation& invocation) {
  auto& command = add_read(app, invocation,
                           {"as-of",
                            "What was at some moment: targets, policies, queues, members; of all "
                            "that you may see, or of one fleet or device",
                            "as-of 2026-11-21T08:30:00Z\n"
                            "as-of 9007 --fleet acme/thermo\n"
                            "as-of 9007 --device 4f1c2d3 --json"});
  const auto options = std::make_shared<AsOfOptions>();
  command
      .add_option("MOMENT", options->moment,
                  "A time (UTC), or the sequence of an event; inside of a command: before it")
      ->required();
  auto* device =
      command.add_option("--device", options->device, "That device")->option_text("UUID");
  command.add_option("--fleet", options->fleet, "That fleet and its devices")
      ->option_text("SLUG")
      ->excludes(device);
  runs(command, invocation, options, as_of);
}

}  // namespace muster::cli
