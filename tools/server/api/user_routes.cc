#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

bool sees_all_users(const Query& query) {
  return query.caller.asker.has(InstanceRole::administrator);
}

HttpResult<HttpResponse> list_users(const Query& query) {
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_user([&](const User& row) {
    if (!sees_all_users(query) && row.id != query.caller.user.id) return true;
    return page->add(row.id.value(), [&] { return render(row); });
  });
  return page->response(query);
}

HttpResult<HttpResponse> show_user(const Query& query) {
  const std::string& name = query.match.at("username");
  const auto row = query.reader.find_user(name);
  if (!row || (!sees_all_users(query) && row->id != query.caller.user.id)) {
    return tl::unexpected(unknown_problem(RejectionCode::unknown_user, fmt::format("user {}", name),
                                          "`muster user list` shows the users"));
  }
  return entity_response(render(*row));
}

HttpResult<HttpResponse> list_tokens(const Query& query) {
  auto page = Page::of(query);
  if (!page) return tl::unexpected(page.error());
  query.reader.each_token([&](const Token& row) {
    if (!sees_all_users(query) && row.user != query.caller.user.id) return true;
    return page->add(row.id.value(), [&] { return render(query.reader, row); });
  });
  return page->response(query);
}

HttpResult<CommandBody> create_user(const Build& build) {
  CreateUser command{.username = build.body.string("username"), .instance_roles = {}};
  for (const std::string& word :
       build.body.optional_strings("instance_roles").value_or(std::vector<std::string>{})) {
    const auto role = parse_instance_role(word);
    if (!role) {
      build.body.refuse("instance_roles", "a list of administrator, auditor, support", word);
      continue;
    }
    command.instance_roles.push_back(*role);
  }
  return command;
}

HttpResult<CommandBody> issue_token(const Build& build) {
  IssueToken command{.username = build.body.optional_string("username").value_or(""),
                     .name = build.body.string("name"),
                     .secret_hash = {},
                     .role_limit = {},
                     .expires_at = {}};
  if (const auto word = build.body.optional_string("role_limit")) {
    command.role_limit = parse_role(*word);
    if (!command.role_limit) {
      build.body.refuse("role_limit", "observer, operator, developer or administrator", *word);
    }
  }
  if (const auto text = build.body.optional_string("expires_at")) {
    const auto at = parse_rfc3339(*text);
    if (at) command.expires_at = *at;
    if (!at) build.body.refuse("expires_at", "a time like 2026-11-21T08:30:00Z", *text);
  }
  return command;
}

HttpResult<CommandBody> revoke_token(const Build& build) {
  const std::string& text = build.match.at("token");
  TokenId id;
  const bool number = text.size() <= 9 && text.find_first_not_of("0123456789") == text.npos;
  if (number && !text.empty()) id = TokenId{static_cast<std::uint32_t>(std::stoul(text))};
  return RevokeToken{.id = id};  // 0 is no token: unknown-token.
}

CommandBuilder set_enabled(bool enabled) {
  return [enabled](const Build& build) -> CommandBody {
    return SetUserEnabled{.username = build.match.at("username"), .enabled = enabled};
  };
}

CommandBody erase_user(const Build& build) {
  return EraseUser{.username = build.match.at("username"), .id = {}};
}

}  // namespace

void add_user_routes(Api& api) {
  api.query("/v1/users", list_users);
  api.query("/v1/users/{username}", show_user);
  api.command("user.create", HttpMethod::post, "/v1/users", create_user);
  api.command("user.disable", HttpMethod::post, "/v1/users/{username}/disable", set_enabled(false));
  api.command("user.enable", HttpMethod::post, "/v1/users/{username}/enable", set_enabled(true));
  api.command("user.erase", HttpMethod::post, "/v1/users/{username}/erase", erase_user);
  api.query("/v1/tokens", list_tokens);
  api.command("token.create", HttpMethod::post, "/v1/tokens", issue_token);
  api.command("token.revoke", HttpMethod::del, "/v1/tokens/{token}", revoke_token);
}

}  // namespace muster
