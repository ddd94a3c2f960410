#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/input.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct PolicyOptions {
  std::string uuids;  // Joined by commas.
  std::string devices_file;
  std::string release;
};

/// Which devices a command is about.
CliResult<std::vector<std::string>> select(const Session& session, const PolicyOptions& options) {
  if (options.devices_file.empty()) return split(options.uuids, ",");
  const auto text = read_input(session.around(), options.devices_file);
  if (!text) return tl::unexpected(text.error());
  return split(*text, ",\n");
}

tl::unexpected<Failure> wrong_words(std::string_view words) {
  return wrong_usage(fmt::format("this command takes {}", words),
                     "Several devices are joined by commas, or come from --devices FILE in place "
                     "of UUID.");
}

/// `device 4f1c2d3` or `3 devices`.
std::string whom(const std::vector<std::string>& devices) {
  if (devices.size() == 1) return fmt::format("device {}", devices.front());
  return fmt::format("{} devices", devices.size());
}

/// The same, of those only that the command changed; with how many needed nothing.
std::string who_changed(const Json& answer, const std::vector<std::string>& devices) {
  const auto changes = answer.find("changes");
  const bool told = changes != answer.end() && changes->is_array();
  const auto changed = told ? changes->size() : devices.size();
  if (changed == 0 || changed >= devices.size()) return whom(devices);
  return fmt::format("{} of {} devices", changed, devices.size());
}

/// One device has a path of its own; for a list, even an empty one, the server knows the rules.
CliResult<Json> send(Session& session, const std::vector<std::string>& devices,
                     std::string_view step, JsonBody body) {
  if (devices.size() == 1) {
    const auto path = fmt::format("{}/{}", item_path("devices", devices.front()), step);
    return session.change(HttpMethod::post, path, std::move(body));
  }
  body.texts("devices", devices);
  return session.change(HttpMethod::post, fmt::format("/v1/devices/{}", step), std::move(body));
}

Outcome pin(Session& session, const PolicyOptions& options) {
  const bool from_file = !options.devices_file.empty();
  if (options.uuids.empty() || options.release.empty() != from_file) {
    return wrong_words("UUID[,UUID...] and RELEASE");
  }
  // With --devices there is no UUID, so that the first word is the release.
  const auto& given = from_file ? options.uuids : options.release;
  const auto devices = select(session, options);
  if (!devices) return tl::unexpected(devices.error());
  JsonBody body;
  body.text("release", std::string_view(given));
  const auto answer = send(session, *devices, "pin", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  auto release = release_at(*answer, has(*answer, "release") ? "release" : "pinned_release");
  if (release.empty()) release = short_commit(given);
  const auto who = who_changed(*answer, *devices);
  report(session, *answer,
         {fmt::format("{} pinned to {}", who, release), fmt::format("pin {} to {}", who, release),
          fmt::format("pinned to {} already: {}", release, whom(*devices))});
  return {};
}

Outcome track_fleet(Session& session, const PolicyOptions& options) {
  if (options.uuids.empty() == options.devices_file.empty()) return wrong_words("UUID[,UUID...]");
  const auto devices = select(session, options);
  if (!devices) return tl::unexpected(devices.error());
  const auto answer = send(session, *devices, "track-fleet", {});
  if (!answer) return tl::unexpected(answer.error());
  const auto who = who_changed(*answer, *devices);
  report(session, *answer,
         {fmt::format("{} {} the fleet", who, devices->size() == 1 ? "tracks" : "track"),
          fmt::format("let {} track the fleet", who),
          fmt::format("tracking the fleet already: {}", whom(*devices))});
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
  add_expect_count(command, invocation);
  return options;
}

}  // namespace

void add_device_policy_commands(CLI::App& device, Invocation& invocation) {
  auto& pinning =
      add_change(device, invocation,
                 {"pin", "Pin devices to a release of their fleet, whatever the fleet gets",
                  "device pin 4f1c2d3 9f3c2a1\n"
                  "device pin 4f1c2d3,8ab91c0 1.4.2 --reason canary\n"
                  "device pin --devices canaries.txt 1.4.2"});
  const auto pinned = on_devices(pinning, invocation);
  pinning.add_option("RELEASE", pinned->release, "Commit (or 7 digits of it), version or id:N");
  runs(pinning, invocation, pinned, pin);
  auto& tracking = add_change(
      device, invocation,
      {"track-fleet", "Let devices follow their fleet again", "device track-fleet 4f1c2d3"});
  runs(tracking, invocation, on_devices(tracking, invocation), track_fleet);
}

}  // namespace muster::cli
