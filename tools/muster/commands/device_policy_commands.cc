#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/inventory/device_choice.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

/// After a command about several: what it leaves of the fleet's devices.
void report_reach(const Session& session, const Json& answer, const ChosenDevices& chosen) {
  const bool several = chosen.selected || chosen.devices.size() > 1;
  if (!several || session.json() || !has(answer, "following")) return;
  session.print(fmt::format("in the fleet then: {}, {}\n",
                            count_text(count_at(answer, "following"), "follows", "follow"),
                            count_text(count_at(answer, "pinned"), "stays pinned", "stay pinned")));
}

Outcome pin(Session& session, const DeviceChoice& choice) {
  const auto chosen = choose(session, choice, "UUID[,UUID...] and RELEASE");
  if (!chosen) return tl::unexpected(chosen.error());
  JsonBody body;
  body.text("release", word_of(choice));
  const auto answer = send_about(session, choice, *chosen, "pin", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  auto release = release_at(*answer, has(*answer, "release") ? "release" : "pinned_release");
  if (release.empty()) release = short_commit(word_of(choice));
  const auto who = who_changed(*answer, *chosen);
  report(session, *answer,
         {fmt::format("{} pinned to {}", who, release), fmt::format("pin {} to {}", who, release),
          fmt::format("pinned to {} already: {}", release, whom(*chosen))});
  report_reach(session, *answer, *chosen);
  return {};
}

Outcome track_fleet(Session& session, const DeviceChoice& choice) {
  const auto chosen = choose(session, choice, "UUID[,UUID...]");
  if (!chosen) return tl::unexpected(chosen.error());
  const auto answer = send_about(session, choice, *chosen, "track-fleet", {});
  if (!answer) return tl::unexpected(answer.error());
  const auto who = who_changed(*answer, *chosen);
  const bool one = who.starts_with("device ") || who == "1 device";
  report(session, *answer,
         {fmt::format("{} {} the fleet", who, one ? "tracks" : "track"),
          fmt::format("let {} track the fleet", who),
          fmt::format("tracking the fleet already: {}", whom(*chosen))});
  report_reach(session, *answer, *chosen);
  return {};
}

}  // namespace

void add_device_policy_commands(CLI::App& device, Invocation& invocation) {
  auto& pinning = add_change(
      device, invocation,
      {"pin", "Pin devices to a release of their fleet, whatever the fleet gets",
       "device pin 4f1c2d3 9f3c2a1\n"
       "device pin 4f1c2d3,8ab91c0 1.4.2 --reason canary\n"
       "device pin --devices canaries.txt 1.4.2\n"
       "device pin --filter 'fleet = acme/kiosk and tag.ring = canary' 1.4.2 --dry-run"});
  const auto pinned = std::make_shared<DeviceChoice>();
  add_choice(pinning, invocation, *pinned);
  pinning.add_option("RELEASE", pinned->word, "Commit (or 7 digits of it), version or id:N");
  runs(pinning, invocation, pinned, pin);
  auto& tracking = add_change(
      device, invocation,
      {"track-fleet", "Let devices follow their fleet again",
       "device track-fleet 4f1c2d3\ndevice track-fleet --view canaries --expect-count 12"});
  const auto tracked = std::make_shared<DeviceChoice>();
  add_choice(tracking, invocation, *tracked);
  runs(tracking, invocation, tracked, track_fleet);
}

}  // namespace muster::cli
