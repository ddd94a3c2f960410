#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct CreateOptions {
  std::string username;
  std::vector<std::string> instance_roles;
};

struct NameOptions {
  std::string username;
};

Outcome create(Session& session, const CreateOptions& options) {
  JsonBody body;
  body.text("username", std::string_view(options.username));
  if (!options.instance_roles.empty()) body.texts("instance_roles", options.instance_roles);
  return change_and_report(session, HttpMethod::post, "/v1/users", std::move(body),
                           {fmt::format("user {} created", options.username),
                            fmt::format("create user {}", options.username),
                            fmt::format("user {} exists already", options.username)});
}

Outcome list(Session& session) {
  return show_list(session, "/v1/users",
                   {column("username"), column("enabled"), column("instance_roles"), column("id")},
                   "no users that you may see");
}

Outcome show(Session& session, const NameOptions& options) {
  return show_one(session, item_path("users", options.username));
}

Outcome disable(Session& session, const NameOptions& options) {
  const auto path = item_path("users", options.username).append("/disable");
  return change_and_report(
      session, HttpMethod::post, path, {},
      {fmt::format("user {} disabled: no token of this user works from now on", options.username),
       fmt::format("disable user {}", options.username),
       fmt::format("user {} is disabled already", options.username)});
}

Outcome enable(Session& session, const NameOptions& options) {
  const auto path = item_path("users", options.username).append("/enable");
  return change_and_report(session, HttpMethod::post, path, {},
                           {fmt::format("user {} enabled", options.username),
                            fmt::format("enable user {}", options.username),
                            fmt::format("user {} is enabled already", options.username)});
}

Outcome erase(Session& session, const NameOptions& options) {
  const auto path = item_path("users", options.username).append("/erase");
  return change_and_report(
      session, HttpMethod::post, path, {},
      {fmt::format("user {} erased: the name and the notes of this user read as [erased] from now "
                   "on, everywhere",
                   options.username),
       fmt::format("erase user {}, for good", options.username),
       fmt::format("user {} is erased already", options.username)});
}

void add_create(CLI::App& user, Invocation& invocation) {
  auto& command = add_change(
      user, invocation,
      {"create", "Create a user", "user create alice\nuser create carol --instance-role auditor"});
  const auto options = std::make_shared<CreateOptions>();
  command.add_option("NAME", options->username, "The user's name")->required();
  command
      .add_option("--instance-role", options->instance_roles,
                  "A right in the whole installation; opens no fleet. May be repeated")
      ->check(CLI::IsMember({"administrator", "auditor", "support"}))
      ->option_text("ROLE");
  runs(command, invocation, options, create);
}

void on_user(CLI::App& command, Invocation& invocation,
             Outcome (*run)(Session&, const NameOptions&)) {
  const auto options = std::make_shared<NameOptions>();
  command.add_option("NAME", options->username, "The user's name")->required();
  runs(command, invocation, options, run);
}

}  // namespace

void add_user_commands(CLI::App& app, Invocation& invocation) {
  auto& user = add_group(app, "user", "Users of this server");
  add_create(user, invocation);
  runs(add_read(user, invocation, {"list", "List the users you may see", "user list"}), invocation,
       list);
  on_user(add_read(user, invocation, {"show", "Show one user", "user show alice"}), invocation,
          show);
  on_user(add_change(user, invocation,
                     {"disable", "Disable a user and with that all of the user's tokens",
                      "user disable alice --reason 'left the company'"}),
          invocation, disable);
  on_user(add_change(user, invocation,
                     {"enable", "Enable a user that was disabled", "user enable alice"}),
          invocation, enable);
  on_user(
      add_change(user, invocation,
                 {"erase",
                  "Destroy what is personal of a user for good: the key of the name and of the "
                  "notes the user wrote. Needs --yes",
                  "user erase alice --dry-run --yes\nuser erase alice --yes --reason 'asked for "
                  "it'"}),
      invocation, erase);
}

}  // namespace muster::cli
