#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct CreateOptions {
  std::string name;
  std::optional<std::string> user;
  std::optional<std::string> role_limit;
  std::optional<std::string> expires;
};

struct RevokeOptions {
  std::string id;
};

/// The token is in the answer to this command only, so it must not be lost.
void print_token(const Session& session, const Json& answer) {
  if (session.json() || !has(answer, "token")) return;
  const Json shown{{"id", text_at(answer, "id")}, {"token", text_at(answer, "token")}};
  session.print(details_text(shown));
  session.print("Keep the token now: it cannot be shown again.\n");
}

Outcome create(Session& session, const CreateOptions& options) {
  JsonBody body;
  body.text("name", std::string_view(options.name));
  body.text("username", options.user);
  body.text("role_limit", options.role_limit);
  body.text("expires_at", options.expires);
  const auto whose = options.user ? fmt::format(" for user {}", *options.user) : std::string();
  const auto answer = session.change(HttpMethod::post, "/v1/tokens", std::move(body));
  if (!answer) return tl::unexpected(answer.error());
  report(session, *answer,
         {fmt::format("token {} created{}", options.name, whose),
          fmt::format("create token {}{}", options.name, whose),
          fmt::format("token {} exists already", options.name)});
  print_token(session, *answer);
  return {};
}

Outcome list(Session& session) {
  return show_list(session, "/v1/tokens",
                   {column("id"), column("name"), column("user"), column("role_limit"),
                    column("expires_at"), column("revoked")},
                   "no tokens that you may see");
}

Outcome revoke(Session& session, const RevokeOptions& options) {
  return change_and_report(
      session, HttpMethod::del, item_path("tokens", options.id), {},
      {fmt::format("token {} revoked", options.id), fmt::format("revoke token {}", options.id),
       fmt::format("token {} is revoked already", options.id)});
}

void add_create(CLI::App& token, Invocation& invocation) {
  auto& command = add_change(token, invocation,
                             {"create", "Create a token, yours or that of another user",
                              "token create ci --role-limit developer\n"
                              "token create visit --user alice --expires 2027-01-31T00:00:00Z"});
  const auto options = std::make_shared<CreateOptions>();
  command.add_option("NAME", options->name, "What it is for; shown with what it does")->required();
  command.add_option("--user", options->user, "Whose token [default: yours]")->option_text("USER");
  command.add_option("--role-limit", options->role_limit, "It may do no more than this role")
      ->check(CLI::IsMember({"observer", "operator", "developer", "administrator"}))
      ->option_text("ROLE");
  command.add_option("--expires", options->expires, "When it ends, in UTC (RFC 3339)")
      ->option_text("TIME");
  runs(command, invocation, options, create);
}

void add_revoke(CLI::App& token, Invocation& invocation) {
  auto& command = add_change(token, invocation,
                             {"revoke", "End a token at once", "token revoke 3 --reason leaked"});
  const auto options = std::make_shared<RevokeOptions>();
  command.add_option("ID", options->id, "The token's id, see `muster token list`")->required();
  runs(command, invocation, options, revoke);
}

}  // namespace

void add_token_commands(CLI::App& app, Invocation& invocation) {
  auto& token = add_group(app, "token", "Tokens: with what users and programs log in");
  add_create(token, invocation);
  runs(add_read(token, invocation, {"list", "List the tokens you may see", "token list"}),
       invocation, list);
  add_revoke(token, invocation);
}

}  // namespace muster::cli
