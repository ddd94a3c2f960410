#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/inventory/device_choice.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct MoveOptions {
  DeviceChoice choice;
  std::string fleet;
  std::optional<std::string> pin;
  bool list = false;
};

Outcome list_fleets(Session& session, const MoveOptions& options) {
  return show_list(session, item_path("devices", options.choice.uuids) + "/fleets",
                   {column("fleet"), column("device_type"), column("architecture"), column("type"),
                    column("devices")},
                   "no other fleet that the device may be moved to");
}

/// How many devices the command moved.
std::uint64_t moved_by(const Json& answer) {
  std::uint64_t moved = 0;
  const Json changes = answer.value("changes", Json::array());
  for (const auto& change : changes) {
    if (text_at(change, "event") == "DeviceMoved") ++moved;
  }
  return moved;
}

Outcome move(Session& session, const MoveOptions& options) {
  if (options.list) return list_fleets(session, options);
  if (options.fleet.empty()) {
    return wrong_usage("a device is moved to a fleet: --fleet SLUG",
                       "`muster device move UUID --list` shows the fleets it may be moved to.");
  }
  const auto chosen = choose(session, options.choice, "UUID[,UUID...]");
  if (!chosen) return tl::unexpected(chosen.error());
  JsonBody body;
  body.text("fleet", std::string_view(options.fleet));
  body.text("pin", options.pin);
  const auto answer = send_about(session, options.choice, *chosen, "move", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto moved = moved_by(*answer);
  const bool one = !chosen->selected && chosen->devices.size() == 1;
  const auto who = one || moved == 0 ? whom(*chosen) : count_text(moved, "device", "devices");
  report(session, *answer,
         {fmt::format("{} moved to fleet {}", who, options.fleet),
          fmt::format("move {} to fleet {}", who, options.fleet),
          fmt::format("in fleet {} already: {}", options.fleet, who)});
  if (session.json()) return {};
  const Json notes = answer->value("notes", Json::array());
  for (const auto& note : notes) {
    session.print(fmt::format("note: {}\n", printable(value_text(note))));
  }
  return {};
}

}  // namespace

void add_device_move_command(CLI::App& device, Invocation& invocation) {
  auto& command =
      add_change(device, invocation,
                 {"move", "Move devices to another fleet: its release goes to them at once",
                  "device move 4f1c2d3 --list\n"
                  "device move 4f1c2d3 --fleet acme/kiosk\n"
                  "device move 4f1c2d3,8ab91c0 --fleet acme/kiosk --pin 1.4.2 --reason canaries"});
  const auto options = std::make_shared<MoveOptions>();
  add_choice(command, invocation, options->choice);
  auto* fleet =
      command.add_option("--fleet", options->fleet, "Where they are to be")->option_text("SLUG");
  command
      .add_option("--pin", options->pin,
                  "Pin them to this release of that fleet [default: they follow it]")
      ->needs(fleet)
      ->option_text("RELEASE");
  command.add_flag("--list", options->list, "Show the fleets that the device may be moved to")
      ->excludes(fleet);
  runs(command, invocation, options, move);
}

}  // namespace muster::cli
