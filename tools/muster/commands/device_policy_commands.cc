#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/inventory/filter_options.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/input.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct PolicyOptions {
  std::string uuids;  // Joined by commas.
  std::string devices_file;
  std::string filter;
  std::string view;
  std::string release;
};

/// Which devices a command is about: named ones, or those that the server selects.
struct Chosen {
  std::vector<std::string> devices;
  bool selected = false;
};

/// How many ways other than UUID say which devices are meant.
int other_ways(const PolicyOptions& options) {
  return static_cast<int>(!options.devices_file.empty()) +
         static_cast<int>(!options.filter.empty() || !options.view.empty());
}

CliResult<Chosen> choose(const Session& session, const PolicyOptions& options) {
  if (other_ways(options) == 0) return Chosen{split(options.uuids, ","), false};
  if (options.devices_file.empty()) return Chosen{{}, true};
  const auto text = read_input(session.around(), options.devices_file);
  if (!text) return tl::unexpected(text.error());
  return Chosen{split(*text, ",\n"), false};
}

tl::unexpected<Failure> wrong_words(std::string_view words) {
  return wrong_usage(fmt::format("this command takes {}", words),
                     "Several devices are joined by commas, or come from --devices FILE, "
                     "--filter FILTER or --view NAME in place of UUID.");
}

/// `device 4f1c2d3` or `3 devices`.
std::string whom(const Chosen& chosen) {
  if (chosen.selected) return "the selected devices";
  if (chosen.devices.size() == 1) return fmt::format("device {}", chosen.devices.front());
  return fmt::format("{} devices", chosen.devices.size());
}

/// The same, of those only that the command changed; with how many needed nothing.
std::string who_changed(const Json& answer, const Chosen& chosen) {
  const auto changes = answer.find("changes");
  const bool told = changes != answer.end() && changes->is_array();
  const auto changed = told ? changes->size() : chosen.devices.size();
  if (chosen.selected && changed > 0) return count_text(changed, "device", "devices");
  if (changed == 0 || changed >= chosen.devices.size()) return whom(chosen);
  return fmt::format("{} of {} devices", changed, chosen.devices.size());
}

/// One device has a path of its own; for a list, even an empty one, the server knows the rules.
CliResult<Json> send(Session& session, const PolicyOptions& options, const Chosen& chosen,
                     std::string_view step, JsonBody body) {
  if (!chosen.selected && chosen.devices.size() == 1) {
    const auto path = fmt::format("{}/{}", item_path("devices", chosen.devices.front()), step);
    return session.change(HttpMethod::post, path, std::move(body));
  }
  if (!chosen.selected) body.texts("devices", chosen.devices);
  if (!options.filter.empty()) body.text("filter", std::string_view(options.filter));
  if (!options.view.empty()) body.text("view", std::string_view(options.view));
  return session.change(HttpMethod::post, fmt::format("/v1/devices/{}", step), std::move(body));
}

/// After a command about several: what it leaves of the fleet's devices.
void report_reach(const Session& session, const Json& answer, const Chosen& chosen) {
  const bool several = chosen.selected || chosen.devices.size() > 1;
  if (!several || session.json() || !has(answer, "following")) return;
  session.print(fmt::format("in the fleet then: {}, {}\n",
                            count_text(count_at(answer, "following"), "follows", "follow"),
                            count_text(count_at(answer, "pinned"), "stays pinned", "stay pinned")));
}

Outcome pin(Session& session, const PolicyOptions& options) {
  const int others = other_ways(options);
  if (options.uuids.empty() || others > 1 || options.release.empty() != (others == 1)) {
    return wrong_words("UUID[,UUID...] and RELEASE");
  }
  // Without UUID the first word is the release.
  const auto& given = others == 1 ? options.uuids : options.release;
  const auto chosen = choose(session, options);
  if (!chosen) return tl::unexpected(chosen.error());
  JsonBody body;
  body.text("release", std::string_view(given));
  const auto answer = send(session, options, *chosen, "pin", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  auto release = release_at(*answer, has(*answer, "release") ? "release" : "pinned_release");
  if (release.empty()) release = short_commit(given);
  const auto who = who_changed(*answer, *chosen);
  report(session, *answer,
         {fmt::format("{} pinned to {}", who, release), fmt::format("pin {} to {}", who, release),
          fmt::format("pinned to {} already: {}", release, whom(*chosen))});
  report_reach(session, *answer, *chosen);
  return {};
}

Outcome track_fleet(Session& session, const PolicyOptions& options) {
  if (other_ways(options) + static_cast<int>(!options.uuids.empty()) != 1) {
    return wrong_words("UUID[,UUID...]");
  }
  const auto chosen = choose(session, options);
  if (!chosen) return tl::unexpected(chosen.error());
  const auto answer = send(session, options, *chosen, "track-fleet", {});
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

std::shared_ptr<PolicyOptions> on_devices(CLI::App& command, Invocation& invocation) {
  auto options = std::make_shared<PolicyOptions>();
  command
      .add_option("UUID", options->uuids,
                  "The device's uuid, or at least 7 digits of it; several joined by commas")
      ->option_text("UUID[,UUID...]");
  command
      .add_option("--devices", options->devices_file,
                  "In place of UUID: a file with one uuid a line; - is stdin")
      ->option_text("FILE");
  add_selection(command, options->filter, options->view);
  add_expect_count(command, invocation);
  return options;
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
  const auto pinned = on_devices(pinning, invocation);
  pinning.add_option("RELEASE", pinned->release, "Commit (or 7 digits of it), version or id:N");
  runs(pinning, invocation, pinned, pin);
  auto& tracking = add_change(
      device, invocation,
      {"track-fleet", "Let devices follow their fleet again",
       "device track-fleet 4f1c2d3\ndevice track-fleet --view canaries --expect-count 12"});
  runs(tracking, invocation, on_devices(tracking, invocation), track_fleet);
}

}  // namespace muster::cli
