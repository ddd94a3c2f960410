#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct CreateOptions {
  std::string handle;
  std::optional<std::string> name;
};

struct ShowOptions {
  std::string handle;
};

struct BillingOptions {
  std::string handle;
  std::string state;
};

Outcome create(Session& session, const CreateOptions& options) {
  JsonBody body;
  body.text("handle", std::string_view(options.handle));
  body.text("name", options.name);
  return change_and_report(session, HttpMethod::post, "/v1/organisations", std::move(body),
                           {fmt::format("organisation {} created", options.handle),
                            fmt::format("create organisation {}", options.handle),
                            fmt::format("organisation {} exists already", options.handle)});
}

Outcome list(Session& session) {
  return show_list(session, "/v1/organisations",
                   {column("handle"), column("name"), column("administrators"), column("id")},
                   "no organisations that you may see");
}

Outcome show(Session& session, const ShowOptions& options) {
  return show_one(session, item_path("organisations", options.handle));
}

Outcome billing(Session& session, const BillingOptions& options) {
  JsonBody body;
  body.flag("valid", options.state == "valid");
  const auto what = fmt::format("billing of organisation {}", options.handle);
  return change_and_report(
      session, HttpMethod::post, item_path("organisations", options.handle) + "/billing",
      std::move(body),
      {fmt::format("{} is {}", what, options.state), fmt::format("make {} {}", what, options.state),
       fmt::format("{} is {} already", what, options.state)});
}

void add_billing(CLI::App& org, Invocation& invocation) {
  auto& command = add_change(org, invocation,
                             {"billing", "Say whether an organisation can be billed",
                              "org billing acme valid\norg billing acme invalid"});
  const auto options = std::make_shared<BillingOptions>();
  command.add_option("HANDLE", options->handle, "Its short name")->required();
  command.add_option("STATE", options->state, "valid or invalid")
      ->required()
      ->check(CLI::IsMember({"valid", "invalid"}));
  runs(command, invocation, options, billing);
}

void add_create(CLI::App& org, Invocation& invocation) {
  auto& command = add_change(
      org, invocation,
      {"create", "Create an organisation; you administer it", "org create acme --name 'Acme Ltd'"});
  const auto options = std::make_shared<CreateOptions>();
  command.add_option("HANDLE", options->handle, "Its short name, in slugs")->required();
  command.add_option("--name", options->name, "Its name for people")->option_text("NAME");
  runs(command, invocation, options, create);
}

void add_show(CLI::App& org, Invocation& invocation) {
  auto& command =
      add_read(org, invocation, {"show", "Show one organisation", "org show acme --json"});
  const auto options = std::make_shared<ShowOptions>();
  command.add_option("HANDLE", options->handle, "Its short name")->required();
  runs(command, invocation, options, show);
}

}  // namespace

void add_org_commands(CLI::App& app, Invocation& invocation) {
  auto& org = add_group(app, "org", "Organisations: who owns fleets");
  add_create(org, invocation);
  runs(add_read(org, invocation, {"list", "List the organisations you may see", "org list"}),
       invocation, list);
  add_show(org, invocation);
  add_billing(org, invocation);
  add_org_member_commands(org, invocation);
}

}  // namespace muster::cli
