#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "core/base/clock.h"
#include "tools/muster/commands/actions/wait.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/inventory/device_choice.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

// Telling devices, or all of a fleet, to do something: one command for each kind of action.

namespace muster::cli {
namespace {

struct ActionOptions {
  std::string kind;
  DeviceChoice choice;  // Of devices, or
  std::string fleet;    // of all of a fleet.
  std::string os_version;
  bool force = false;
  bool online_only = false;
  bool skip_inapplicable = false;
  std::string deliver_by;
  std::string execute_within;
  std::optional<std::uint64_t> max_parallel;
  std::optional<std::uint64_t> stop_after_failures;
  WaitOptions wait;
};

/// What a kind of action is called and does.
struct Kind {
  const char* name;
  const char* does;
  const char* more;  // More words, behind the device or the fleet.
};

constexpr std::array<Kind, 6> kinds{{
    {"restart", "Restart the services: their containers are removed and made anew", ""},
    {"purge", "Delete the data of the services, and start them again", ""},
    {"reboot", "Reboot, as if the power had been off and on", ""},
    {"shutdown", "Shut down; nobody can start a device again from afar", ""},
    {"os-update", "Update the host OS to a version", " 2.98.33"},
    {"blink", "Blink, so that somebody near finds the device", ""},
}};

/// When it must be delivered, as the server wants it. A span is from now on.
std::string time_of(const std::string& text) {
  const auto span = parse_span(text);
  return span ? to_rfc3339(SystemClock().now() + *span) : text;
}

CliResult<JsonBody> body_of(const ActionOptions& options, std::string_view os_version) {
  JsonBody body;
  body.text("kind", std::string_view(options.kind));
  if (!os_version.empty()) body.text("os_version", os_version);
  if (options.force) body.flag("force", true);
  if (options.online_only) body.flag("online_only", true);
  if (options.skip_inapplicable) body.flag("skip_inapplicable", true);
  if (options.max_parallel) body.number("max_parallel", *options.max_parallel);
  if (options.stop_after_failures) {
    body.number("stop_after_failures", *options.stop_after_failures);
  }
  if (!options.deliver_by.empty()) {
    body.text("deliver_by", std::string_view(time_of(options.deliver_by)));
  }
  if (options.execute_within.empty()) return body;
  const auto span = parse_span(options.execute_within);
  if (!span || span->count() == 0) {
    return wrong_usage(fmt::format("'{}' is no time to execute in", options.execute_within),
                       "Give a number with s, m, h or d, such as 90s or 15m.");
  }
  body.number("execute_within_s", static_cast<std::uint64_t>(span->count()));
  return body;
}

/// `, 1 skipped`, where it is so.
std::string beside(const Json& answer) {
  std::string text;
  if (const auto merged = count_at(answer, "merged"); merged > 0) {
    text += fmt::format(", {} queued already", merged);
  }
  if (const auto skipped = count_at(answer, "skipped"); skipped > 0) {
    text += fmt::format(", {} skipped", skipped);
  }
  return text;
}

/// Tells who was left out, and why.
void tell_skipped(const Session& session, const Json& answer) {
  if (session.json() || count_at(answer, "skipped") == 0) return;
  const Json changes = answer.value("changes", Json::array());
  for (const auto& change : changes) {
    if (text_at(change, "event") != "ActionSkipped") continue;
    session.print(
        fmt::format("skipped ({}): {}\n", text_at(change, "reason"), text_at(change, "devices")));
  }
}

/// Reports what was asked for, and waits for it if that is wanted.
Outcome finish(Session& session, const ActionOptions& options, const Json& answer,
               const std::string& who) {
  const auto id = text_at(answer, "id");
  const bool waits = options.wait.wait && !id.empty();
  if (!waits || !session.json()) {
    const auto also = beside(answer);
    const auto named = id.empty() ? std::string() : fmt::format(", action {}", id);
    report(session, answer,
           {fmt::format("{} queued for {}{}{}", options.kind, who, also, named),
            fmt::format("queue {} for {}{}", options.kind, who, also),
            fmt::format("{}: nothing to do for {}", options.kind, who)});
    tell_skipped(session, answer);
  }
  return waits ? wait_for(session, id, options.wait) : Outcome{};
}

Outcome queue_for_devices(Session& session, const ActionOptions& options) {
  const bool updates = options.kind == "os-update";
  const auto chosen =
      choose(session, options.choice, updates ? "UUID[,UUID...] and VERSION" : "UUID[,UUID...]");
  if (!chosen) return tl::unexpected(chosen.error());
  auto body = body_of(options, updates ? word_of(options.choice) : std::string_view{});
  if (!body) return tl::unexpected(body.error());
  if (!chosen->selected) body->texts("devices", chosen->devices);
  if (!options.choice.filter.empty()) {
    body->text("filter", std::string_view(options.choice.filter));
  }
  if (!options.choice.view.empty()) body->text("view", std::string_view(options.choice.view));
  const auto answer = session.change(HttpMethod::post, "/v1/actions", *std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto queued = count_at(*answer, "queued");
  const bool all = !chosen->selected && queued == chosen->devices.size();
  const auto who = all || queued == 0 ? whom(*chosen) : count_text(queued, "device", "devices");
  return finish(session, options, *answer, who);
}

Outcome queue_for_fleet(Session& session, const ActionOptions& options) {
  auto body = body_of(options, options.os_version);
  if (!body) return tl::unexpected(body.error());
  body->text("fleet", std::string_view(options.fleet));
  const auto answer = session.change(HttpMethod::post, "/v1/actions", *std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto queued = count_at(*answer, "queued");
  const auto who =
      queued == 0
          ? fmt::format("fleet {}", options.fleet)
          : fmt::format("{} of fleet {}", count_text(queued, "device", "devices"), options.fleet);
  return finish(session, options, *answer, who);
}

void add_options(CLI::App& command, ActionOptions& options) {
  command.add_flag("--force", options.force, "Update locks do not hold it back, this once");
  command
      .add_option("--deliver-by", options.deliver_by,
                  "Drop it where it is not delivered by then: a time in UTC, or a span such as 2h "
                  "[default: 7d]")
      ->option_text("TIME");
  command
      .add_option("--execute-within", options.execute_within,
                  "From its delivery [default: 15m; os-update: 2h]")
      ->option_text("SPAN");
  command.add_flag("--online-only", options.online_only,
                   "Deliver it now or drop it; who is offline is not meant");
  command.add_flag("--skip-inapplicable", options.skip_inapplicable,
                   "Leave out whom it does not fit, instead of refusing all of it");
  command
      .add_option("--max-parallel", options.max_parallel, "To so many devices at a time, no more")
      ->check(whole_number)
      ->option_text("N");
  command
      .add_option("--stop-after-failures", options.stop_after_failures,
                  "Cancel the rest once it failed on so many devices")
      ->check(whole_number)
      ->option_text("N");
  auto* wait = command.add_flag("--wait", options.wait.wait,
                                "Watch until it is over everywhere, or the time is up");
  command.add_option("--wait-for", options.wait.longest, "How long to watch [default: 1h]")
      ->needs(wait)
      ->option_text("SPAN");
}

std::shared_ptr<ActionOptions> options_for(const Kind& kind) {
  auto options = std::make_shared<ActionOptions>();
  options->kind = kind.name;
  return options;
}

}  // namespace

void add_device_action_commands(CLI::App& device, Invocation& invocation) {
  for (const Kind& kind : kinds) {
    auto& command =
        add_change(device, invocation,
                   {kind.name, fmt::format("{} (now, or when the device comes back)", kind.does),
                    fmt::format("device {0} 4f1c2d3{1} --wait\n"
                                "device {0} --filter 'fleet = acme/kiosk and tag.ring = canary'{1}",
                                kind.name, kind.more)});
    const auto options = options_for(kind);
    add_choice(command, invocation, options->choice);
    if (options->kind == "os-update") {
      command.add_option("VERSION", options->choice.word, "The host OS version to update to");
    }
    add_options(command, *options);
    runs(command, invocation, options, queue_for_devices);
  }
}

void add_fleet_action_commands(CLI::App& fleet, Invocation& invocation) {
  for (const Kind& kind : kinds) {
    auto& command = add_change(
        fleet, invocation,
        {kind.name, fmt::format("{}: all active devices of a fleet", kind.does),
         fmt::format("fleet {0} acme/thermo{1} --max-parallel 50 --stop-after-failures 3 --wait",
                     kind.name, kind.more)});
    const auto options = options_for(kind);
    command.add_option("SLUG", options->fleet, "ORGANISATION/NAME")->required();
    if (options->kind == "os-update") {
      command.add_option("VERSION", options->os_version, "The host OS version to update to")
          ->required();
    }
    add_expect_count(command, invocation);
    add_options(command, *options);
    runs(command, invocation, options, queue_for_fleet);
  }
}

}  // namespace muster::cli
