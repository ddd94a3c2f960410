#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/inventory/device_choice.h"
#include "tools/muster/commands/lifecycle/switches.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

// The settings and the lives of devices.

namespace muster::cli {
namespace {

struct SettingOptions {
  DeviceChoice choice;
  bool keep = false;
  bool skip_inapplicable = false;
};

struct GrantOptions {
  DeviceChoice choice;
  SupportOptions support;
};

/// A setting as its path and its sentences name it.
struct Setting {
  std::string_view step;
  std::string_view title;
};

/// `, 2 left out`
std::string left_out(const Json& answer) {
  const auto skipped = answer.find("skipped");
  if (skipped == answer.end() || !skipped->is_array() || skipped->empty()) return {};
  return fmt::format(", {} left out", skipped->size());
}

Outcome set(Session& session, const SettingOptions& options, const Setting& setting,
            JsonBody body) {
  const auto chosen = choose(session, options.choice, "UUID[,UUID...] and on or off");
  if (!chosen) return tl::unexpected(chosen.error());
  const auto enabled = switch_of(word_of(options.choice));
  if (!enabled) return tl::unexpected(enabled.error());
  body.flag("enabled", *enabled);
  const auto answer = send_about(session, options.choice, *chosen, setting.step, std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const std::string_view state = *enabled ? "on" : "off";
  const auto who = who_changed(*answer, *chosen);
  report(session, *answer,
         {fmt::format("{} of {} is {}{}", setting.title, who, state, left_out(*answer)),
          fmt::format("turn {} of {} {}{}", setting.title, who, state, left_out(*answer)),
          fmt::format("{} of {} is {} already", setting.title, whom(*chosen), state)});
  return {};
}

Outcome public_url(Session& session, const SettingOptions& options) {
  return set(session, options, {"public-url", "the public URL"}, {});
}

Outcome local_mode(Session& session, const SettingOptions& options) {
  JsonBody body;
  if (options.skip_inapplicable) body.flag("skip_inapplicable", true);
  return set(session, options, {"local-mode", "local mode"}, std::move(body));
}

Outcome lock_override(Session& session, const SettingOptions& options) {
  JsonBody body;
  if (options.keep) body.flag("keep", true);
  if (options.skip_inapplicable) body.flag("skip_inapplicable", true);
  return set(session, options, {"lock-override", "the override of update locks"}, std::move(body));
}

Outcome support(Session& session, const GrantOptions& options) {
  const auto chosen = choose(session, options.choice, "UUID[,UUID...]");
  if (!chosen) return tl::unexpected(chosen.error());
  const auto end = support_end(options.support);
  if (!end) return tl::unexpected(end.error());
  JsonBody body;
  body.text("until", *end);
  const auto answer = send_about(session, options.choice, *chosen,
                                 *end ? "support" : "revoke-support", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto who = who_changed(*answer, *chosen);
  if (*end) {
    report(session, *answer,
           {fmt::format("support has access to {} until {}", who, **end),
            fmt::format("give support access to {} until {}", who, **end),
            fmt::format("support has access to {} until then already", whom(*chosen))});
  } else {
    report(session, *answer,
           {fmt::format("support has no access of its own to {} any more", who),
            fmt::format("end support access to {}", who),
            fmt::format("support has no access of its own to {}", whom(*chosen))});
  }
  return {};
}

Outcome change_type(Session& session, const DeviceChoice& choice) {
  const auto chosen = choose(session, choice, "UUID[,UUID...] and TYPE");
  if (!chosen) return tl::unexpected(chosen.error());
  const auto type = word_of(choice);
  JsonBody body;
  body.text("device_type", type);
  const auto answer = send_about(session, choice, *chosen, "change-type", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto who = who_changed(*answer, *chosen);
  report(session, *answer,
         {fmt::format("{} of type {} now", who, type), fmt::format("make {} a {}", who, type),
          fmt::format("of type {} already: {}", type, whom(*chosen))});
  return {};
}

Outcome deactivate(Session& session, const DeviceChoice& choice) {
  const auto chosen = choose(session, choice, "UUID[,UUID...]");
  if (!chosen) return tl::unexpected(chosen.error());
  const auto answer = send_about(session, choice, *chosen, "deactivate", {});
  if (!answer) return tl::unexpected(answer.error());
  const auto who = who_changed(*answer, *chosen);
  report(session, *answer,
         {fmt::format("{} deactivated until the next birth; a one-time fee is recorded", who),
          fmt::format("deactivate {}, for a one-time fee", who),
          fmt::format("deactivated already: {}", whom(*chosen))});
  return {};
}

Outcome remove(Session& session, const DeviceChoice& choice) {
  const auto chosen = choose(session, choice, "UUID[,UUID...]");
  if (!chosen) return tl::unexpected(chosen.error());
  const bool one = !chosen->selected && chosen->devices.size() == 1;
  const auto answer =
      one ? session.change(HttpMethod::del, item_path("devices", chosen->devices.front()), {})
          : send_about(session, choice, *chosen, "delete", {});
  if (!answer) return tl::unexpected(answer.error());
  const auto who = who_changed(*answer, *chosen);
  report(session, *answer,
         {fmt::format("{} deleted", who), fmt::format("delete {}", who),
          fmt::format("deleted already: {}", whom(*chosen))});
  return {};
}

std::shared_ptr<SettingOptions> add_setting(CLI::App& device, Invocation& invocation,
                                            const Leaf& leaf,
                                            Outcome (*run)(Session&, const SettingOptions&)) {
  auto& command = add_change(device, invocation, leaf);
  auto options = std::make_shared<SettingOptions>();
  add_choice(command, invocation, options->choice);
  command.add_option("STATE", options->choice.word, "on or off")->option_text("on|off");
  if (leaf.name != "public-url") {
    command.add_flag("--skip-inapplicable", options->skip_inapplicable,
                     "Leave out whom it does not fit, instead of refusing");
  }
  if (leaf.name == "lock-override") {
    command.add_flag("--keep", options->keep, "Also after the current target is done");
  }
  runs(command, invocation, options, run);
  return options;
}

void add_settings(CLI::App& device, Invocation& invocation) {
  add_setting(device, invocation,
              {"public-url", "Show what devices serve on port 80 under a public address",
               "device public-url 4f1c2d3 on\n"
               "device public-url --filter 'fleet = acme/kiosk and tag.demo' off"},
              public_url);
  add_setting(device, invocation,
              {"local-mode", "Let devices with a development OS be worked on: no target is applied",
               "device local-mode 4f1c2d3 on\ndevice local-mode 4f1c2d3 off"},
              local_mode);
  add_setting(
      device, invocation,
      {"lock-override", "Let the current target pass update locks, e.g. of a crashed service",
       "device lock-override 4f1c2d3 on --reason 'the service hangs'\n"
       "device lock-override 4f1c2d3 on --keep"},
      lock_override);
  auto& granting = add_change(device, invocation,
                              {"support", "Give support access to devices for a time, or end it",
                               "device support 4f1c2d3 --for 12h\n"
                               "device support 4f1c2d3 --until 2027-01-31T00:00:00Z\n"
                               "device support 4f1c2d3 --revoke"});
  const auto granted = std::make_shared<GrantOptions>();
  add_choice(granting, invocation, granted->choice);
  add_support_options(granting, granted->support);
  runs(granting, invocation, granted, support);
}

std::shared_ptr<DeviceChoice> add_life(CLI::App& command, Invocation& invocation,
                                       Outcome (*run)(Session&, const DeviceChoice&)) {
  auto choice = std::make_shared<DeviceChoice>();
  add_choice(command, invocation, *choice);
  runs(command, invocation, choice, run);
  return choice;
}

}  // namespace

void add_device_life_commands(CLI::App& device, Invocation& invocation) {
  add_settings(device, invocation);
  auto& typing = add_change(device, invocation,
                            {"change-type", "Correct the type of devices provisioned wrongly",
                             "device change-type 4f1c2d3 raspberrypi4-64\n"
                             "device change-type 4f1c2d3 intel-nuc --yes"});
  const auto typed = add_life(typing, invocation, change_type);
  typing.add_option("TYPE", typed->word, "See `muster device-type list`");
  add_life(add_change(device, invocation,
                      {"deactivate", "Put devices that are offline to rest, until their next birth",
                       "device deactivate 4f1c2d3 --reason 'in storage'"}),
           invocation, deactivate);
  add_life(add_change(device, invocation,
                      {"rm", "Delete devices: they keep running what they have, and are cut off",
                       "device rm 4f1c2d3 --yes\n"
                       "device rm --filter 'lifecycle = orphaned' --expect-count 12 --yes"}),
           invocation, remove);
}

}  // namespace muster::cli
