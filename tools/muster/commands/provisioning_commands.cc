#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct KeyOptions {
  std::string slug;
  std::string name;
  std::uint64_t uses = 0;
  std::string expires;
  std::string id;
};

CliResult<std::string> keys_path(const KeyOptions& options) {
  return fleet_path(options.slug).map([](const std::string& path) {
    return path + "/provisioning-keys";
  });
}

/// The key is in the answer to this command only, so it must not be lost.
void print_key(const Session& session, const Json& answer) {
  if (session.json() || !has(answer, "key")) return;
  const Json shown{{"id", text_at(answer, "id")}, {"key", text_at(answer, "key")}};
  session.print(details_text(shown));
  session.print("Keep the key now: it cannot be shown again.\n");
}

Outcome create(Session& session, const KeyOptions& options) {
  const auto path = keys_path(options);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("name", std::string_view(options.name));
  body.number("uses", options.uses);
  body.text("expires_at", std::string_view(options.expires));
  const auto answer = session.change(HttpMethod::post, *path, std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  const auto what = fmt::format("provisioning key {} for {} of fleet {}", options.name,
                                count_text(options.uses, "device", "devices"), options.slug);
  report(session, *answer,
         {fmt::format("{} created", what), fmt::format("create {}", what),
          fmt::format("{} exists already", what)});
  print_key(session, *answer);
  return {};
}

Outcome list(Session& session, const KeyOptions& options) {
  const auto path = keys_path(options);
  if (!path) return tl::unexpected(path.error());
  return show_list(session, *path,
                   {column("id"), column("name"), column("uses"), column("used"),
                    column("expires_at"), column("revoked")},
                   "no provisioning keys");
}

Outcome revoke(Session& session, const KeyOptions& options) {
  const auto path = keys_path(options);
  if (!path) return tl::unexpected(path.error());
  return change_and_report(
      session, HttpMethod::del, fmt::format("{}/{}", *path, percent_encode(options.id)), {},
      {fmt::format("provisioning key {} of fleet {} revoked", options.id, options.slug),
       fmt::format("revoke provisioning key {} of fleet {}", options.id, options.slug),
       fmt::format("provisioning key {} of fleet {} is revoked already", options.id,
                   options.slug)});
}

std::shared_ptr<KeyOptions> add_slug(CLI::App& command) {
  auto options = std::make_shared<KeyOptions>();
  command.add_option("SLUG", options->slug, "The fleet: ORGANISATION/NAME")->required();
  return options;
}

void add_create(CLI::App& group, Invocation& invocation) {
  auto& command = add_change(group, invocation,
                             {"create", "Create a key with which devices register themselves",
                              "fleet provisioning-key create acme/thermo --name line-3 --uses 500 "
                              "--expires 2027-01-31T00:00:00Z"});
  const auto options = add_slug(command);
  command.add_option("--name", options->name, "What it is for; shown in the list")
      ->required()
      ->option_text("NAME");
  command.add_option("--uses", options->uses, "How many devices may register, up to 1000000")
      ->required()
      ->option_text("N");
  command
      .add_option("--expires", options->expires,
                  "When it ends, in UTC (RFC 3339); at most 366 days from now")
      ->required()
      ->option_text("TIME");
  runs(command, invocation, options, create);
}

}  // namespace

void add_provisioning_commands(CLI::App& fleet, Invocation& invocation) {
  auto& group = add_group(fleet, "provisioning-key", "Keys with which devices register themselves");
  add_create(group, invocation);

  auto& show = add_read(group, invocation,
                        {"list", "List the keys of a fleet and how often they were used",
                         "fleet provisioning-key list acme/thermo"});
  runs(show, invocation, add_slug(show), list);

  auto& end = add_change(group, invocation,
                         {"revoke", "End a key at once; devices that registered with it stay",
                          "fleet provisioning-key revoke acme/thermo 3 --reason leaked"});
  const auto revoked = add_slug(end);
  end.add_option("ID", revoked->id, "The key's id, see `muster fleet provisioning-key list`")
      ->required();
  runs(end, invocation, revoked, revoke);
}

}  // namespace muster::cli
