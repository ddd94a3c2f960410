#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct CreateOptions {
  std::string slug;
  std::string device_type;
  std::optional<std::string> type;
};

struct FleetOptions {
  std::string slug;
};

struct PinOptions {
  std::string slug;
  std::string release;
};

/// `: 4 devices follow, 1 stays pinned`; empty if the answer does not say.
std::string who_follows(const Json& answer) {
  if (!has(answer, "following")) return {};
  auto out = fmt::format(
      ": {}", count_text(count_at(answer, "following"), "device follows", "devices follow"));
  if (const auto pinned = count_at(answer, "pinned"); pinned > 0) {
    out.append(", ").append(count_text(pinned, "stays pinned", "stay pinned"));
  }
  return out;
}

std::string target_text(const Json& fleet) {
  auto target = release_at(fleet, "target_release");
  const bool doubtful = has(fleet, "target_eligible") && !flag_at(fleet, "target_eligible");
  if (!target.empty() && doubtful) target.append(", not eligible");
  return target;
}

Outcome create(Session& session, const CreateOptions& options) {
  JsonBody body;
  body.text("slug", std::string_view(options.slug));
  body.text("device_type", std::string_view(options.device_type));
  body.text("type", options.type);
  const auto what = fmt::format("fleet {} for {}", options.slug, options.device_type);
  return change_and_report(session, HttpMethod::post, "/v1/fleets", std::move(body),
                           {fmt::format("{} created", what), fmt::format("create {}", what),
                            fmt::format("{} exists already", what)});
}

Outcome list(Session& session) {
  return show_list(session, "/v1/fleets",
                   {column("slug"),
                    column("device_type"),
                    {"release policy", [](const Json& fleet) { return text_at(fleet, "policy"); }},
                    {"target release", target_text},
                    column("devices"),
                    column("pinned_devices")},
                   "no fleets that you may see");
}

Outcome show(Session& session, const FleetOptions& options) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  return show_one(session, *path);
}

Outcome pin(Session& session, const PinOptions& options) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("release", std::string_view(options.release));
  const auto answer = session.change(HttpMethod::post, *path + "/pin", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  auto release = release_at(*answer, "release");
  if (release.empty()) release = short_commit(options.release);
  const auto follow = who_follows(*answer);
  report(session, *answer,
         {fmt::format("fleet {} pinned to {}{}", options.slug, release, follow),
          fmt::format("pin fleet {} to {}{}", options.slug, release, follow),
          fmt::format("fleet {} is pinned to {} already", options.slug, release)});
  return {};
}

Outcome track_latest(Session& session, const FleetOptions& options) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  const auto answer = session.change(HttpMethod::post, *path + "/track-latest", {});
  if (!answer) return tl::unexpected(answer.error());
  auto release = release_at(*answer, "target_release");
  if (release.empty()) release = release_at(*answer, "release");
  const auto latest = release.empty() ? std::string() : fmt::format(" (now {})", release);
  const auto follow = who_follows(*answer);
  report(session, *answer,
         {fmt::format("fleet {} tracks the latest release{}{}", options.slug, latest, follow),
          fmt::format("let fleet {} track the latest release{}{}", options.slug, latest, follow),
          fmt::format("fleet {} tracks the latest release already", options.slug)});
  return {};
}

void add_create(CLI::App& fleet, Invocation& invocation) {
  auto& command = add_change(fleet, invocation,
                             {"create", "Create a fleet; it tracks its latest release",
                              "fleet create acme/thermo --device-type raspberrypi4-64"});
  const auto options = std::make_shared<CreateOptions>();
  command.add_option("SLUG", options->slug, "ORGANISATION/NAME")->required();
  command
      .add_option("--device-type", options->device_type,
                  "What its devices are, see `muster device-type list`")
      ->required()
      ->option_text("TYPE");
  command.add_option("--type", options->type, "The fleet's type [default: microservices]")
      ->check(CLI::IsMember({"starter", "microservices", "essentials", "classic", "legacy"}))
      ->option_text("TYPE");
  runs(command, invocation, options, create);
}

void on_fleet(CLI::App& command, Invocation& invocation,
              Outcome (*run)(Session&, const FleetOptions&)) {
  const auto options = std::make_shared<FleetOptions>();
  command.add_option("SLUG", options->slug, "ORGANISATION/NAME")->required();
  runs(command, invocation, options, run);
}

void add_pin(CLI::App& fleet, Invocation& invocation) {
  auto& command =
      add_change(fleet, invocation,
                 {"pin", "Pin a fleet: all its devices without a pin of their own get that release",
                  "fleet pin acme/thermo 9f3c2a1 --reason 'hold for the holidays'\n"
                  "fleet pin acme/thermo 1.4.2 --dry-run"});
  const auto options = std::make_shared<PinOptions>();
  command.add_option("SLUG", options->slug, "ORGANISATION/NAME")->required();
  command.add_option("RELEASE", options->release, "Commit (or 7 digits of it), version or id:N")
      ->required();
  add_expect_count(command, invocation);
  runs(command, invocation, options, pin);
}

void add_track_latest(CLI::App& fleet, Invocation& invocation) {
  auto& command = add_change(fleet, invocation,
                             {"track-latest", "Let a fleet follow its latest good release again",
                              "fleet track-latest acme/thermo"});
  add_expect_count(command, invocation);
  on_fleet(command, invocation, track_latest);
}

}  // namespace

void add_fleet_commands(CLI::App& app, Invocation& invocation) {
  auto& fleet = add_group(app, "fleet", "Fleets: devices that run the same software");
  add_create(fleet, invocation);
  runs(add_read(fleet, invocation, {"list", "List the fleets you may see", "fleet list"}),
       invocation, list);
  on_fleet(add_read(fleet, invocation, {"show", "Show one fleet", "fleet show acme/thermo --json"}),
           invocation, show);
  add_pin(fleet, invocation);
  add_track_latest(fleet, invocation);
  add_fleet_action_commands(fleet, invocation);
  add_fleet_life_commands(fleet, invocation);
  add_member_commands(fleet, invocation);
  add_provisioning_commands(fleet, invocation);
}

}  // namespace muster::cli
