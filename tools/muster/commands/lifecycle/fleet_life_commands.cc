#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/lifecycle/switches.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

// What fleets set for all their devices, and the lives of fleets.

namespace muster::cli {
namespace {

struct FleetOptions {
  std::string slug;
  std::string word;  // What stands behind SLUG, for commands that take one more word.
  SupportOptions support;
};

/// Sends a command about the fleet; `step` is the end of its path.
CliResult<Json> send(Session& session, const FleetOptions& options, HttpMethod method,
                     std::string_view step, JsonBody body) {
  const auto path = fleet_path(options.slug);
  if (!path) return tl::unexpected(path.error());
  return session.change(method, fmt::format("{}{}", *path, step), std::move(body));
}

Outcome public_url(Session& session, const FleetOptions& options) {
  const auto enabled = switch_of(options.word);
  if (!enabled) return tl::unexpected(enabled.error());
  JsonBody body;
  body.flag("enabled", *enabled);
  const auto answer = send(session, options, HttpMethod::post, "/public-url", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto what =
      fmt::format("the public URL of {} in fleet {}",
                  count_text(count_at(*answer, "devices"), "device", "devices"), options.slug);
  report(
      session, *answer,
      {fmt::format("{} is {}", what, options.word), fmt::format("turn {} {}", what, options.word),
       fmt::format("all public URLs of fleet {} are {} already", options.slug, options.word)});
  return {};
}

Outcome support(Session& session, const FleetOptions& options) {
  const auto end = support_end(options.support);
  if (!end) return tl::unexpected(end.error());
  JsonBody body;
  body.text("until", *end);
  const auto answer = send(session, options, HttpMethod::post,
                           *end ? "/support" : "/revoke-support", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto what = fmt::format("fleet {}", options.slug);
  if (*end) {
    report(session, *answer,
           {fmt::format("support has access to {} until {}", what, **end),
            fmt::format("give support access to {} until {}", what, **end),
            fmt::format("support has access to {} until then already", what)});
  } else {
    report(session, *answer,
           {fmt::format("support has no access to {} as a whole any more", what),
            fmt::format("end support access to {}", what),
            fmt::format("support has no access to {} as a whole", what)});
  }
  return {};
}

Outcome change_type(Session& session, const FleetOptions& options) {
  JsonBody body;
  body.text("type", std::string_view(options.word));
  const auto answer = send(session, options, HttpMethod::post, "/change-type", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto unknown = count_at(*answer, "os_unknown");
  const auto note = unknown == 0 ? std::string()
                                 : fmt::format("; the OS of {} is not known, and was not checked",
                                               count_text(unknown, "device", "devices"));
  report(session, *answer,
         {fmt::format("fleet {} is of type {}{}", options.slug, options.word, note),
          fmt::format("make fleet {} a {} fleet{}", options.slug, options.word, note),
          fmt::format("fleet {} is of type {} already", options.slug, options.word)});
  return {};
}

Outcome rename(Session& session, const FleetOptions& options) {
  JsonBody body;
  body.text("name", std::string_view(options.word));
  const auto answer = send(session, options, HttpMethod::post, "/rename", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  auto slug = text_at(*answer, "slug");
  if (slug.empty()) slug = options.word;
  report(session, *answer,
         {fmt::format("fleet {} is {} now", options.slug, slug),
          fmt::format("name fleet {} {}", options.slug, slug),
          fmt::format("fleet {} is named {} already", options.slug, options.word)});
  return {};
}

Outcome transfer(Session& session, const FleetOptions& options) {
  JsonBody body;
  body.text("organisation", std::string_view(options.word));
  const auto answer = send(session, options, HttpMethod::post, "/transfer", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto slug = text_at(*answer, "slug");
  report(session, *answer,
         {fmt::format("fleet {} belongs to {} now, as {}; you are no member of it any more",
                      options.slug, options.word, slug),
          fmt::format("give fleet {} to {}, as {}", options.slug, options.word, slug),
          fmt::format("fleet {} belongs to {} already", options.slug, options.word)});
  return {};
}

Outcome remove(Session& session, const FleetOptions& options) {
  const auto answer = send(session, options, HttpMethod::del, "", {});
  if (!answer) return tl::unexpected(answer.error());
  const auto orphaned = count_at(*answer, "orphaned");
  const auto note = orphaned == 0
                        ? std::string()
                        : fmt::format(": {} orphaned", count_text(orphaned, "device", "devices"));
  report(session, *answer,
         {fmt::format("fleet {} deleted{}", options.slug, note),
          fmt::format("delete fleet {}{}", options.slug, note),
          fmt::format("fleet {} is deleted already", options.slug)});
  return {};
}

std::shared_ptr<FleetOptions> on_fleet(CLI::App& command, Invocation& invocation,
                                       Outcome (*run)(Session&, const FleetOptions&)) {
  auto options = std::make_shared<FleetOptions>();
  command.add_option("SLUG", options->slug, "ORGANISATION/NAME")->required();
  runs(command, invocation, options, run);
  return options;
}

void add_settings(CLI::App& fleet, Invocation& invocation) {
  auto& urls =
      add_change(fleet, invocation,
                 {"public-url", "Turn the public URLs of all devices there are now on or off",
                  "fleet public-url acme/thermo on\nfleet public-url acme/thermo off"});
  const auto switched = on_fleet(urls, invocation, public_url);
  urls.add_option("STATE", switched->word, "on or off")->required()->option_text("on|off");
  add_expect_count(urls, invocation);
  auto& granting = add_change(
      fleet, invocation,
      {"support", "Give support access to a fleet and its later devices for a time, or end it",
       "fleet support acme/thermo --for 3d\nfleet support acme/thermo --revoke"});
  add_support_options(granting, on_fleet(granting, invocation, support)->support);
}

}  // namespace

void add_fleet_life_commands(CLI::App& fleet, Invocation& invocation) {
  add_settings(fleet, invocation);
  auto& typing =
      add_change(fleet, invocation,
                 {"change-type", "Make a fleet another type, if its devices' OS allows it",
                  "fleet change-type acme/thermo essentials"});
  const auto typed = on_fleet(typing, invocation, change_type);
  typing.add_option("TYPE", typed->word, "starter, microservices, essentials, classic or legacy")
      ->required()
      ->check(CLI::IsMember({"starter", "microservices", "essentials", "classic", "legacy"}));
  auto& naming = add_change(fleet, invocation,
                            {"rename", "Give a fleet another name; its slug follows",
                             "fleet rename acme/thermo boilers"});
  const auto named = on_fleet(naming, invocation, rename);
  naming.add_option("NAME", named->word, "The new name, without the organisation")->required();
  auto& giving = add_change(
      fleet, invocation,
      {"transfer",
       "Give a fleet to another organisation, which has an empty fleet of its name ready",
       "fleet transfer acme/thermo zeta --dry-run\nfleet transfer acme/thermo zeta"});
  const auto given = on_fleet(giving, invocation, transfer);
  giving.add_option("ORGANISATION", given->word, "That gets it")->required();
  auto& removing =
      add_change(fleet, invocation,
                 {"rm", "Delete a fleet; devices still in it are orphaned",
                  "fleet rm acme/thermo\nfleet rm acme/thermo --yes --expect-count 12"});
  on_fleet(removing, invocation, remove);
  add_expect_count(removing, invocation);
}

}  // namespace muster::cli
