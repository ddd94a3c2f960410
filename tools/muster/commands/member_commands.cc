#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct MemberOptions {
  std::string slug;
  std::string user;
  std::string role;
};

CliResult<std::string> members_path(const MemberOptions& options) {
  return fleet_path(options.slug).map([](const std::string& path) { return path + "/members"; });
}

CliResult<std::string> member_path(const MemberOptions& options) {
  return members_path(options).map([&options](const std::string& path) {
    return fmt::format("{}/{}", path, percent_encode(options.user));
  });
}

Outcome list(Session& session, const MemberOptions& options) {
  const auto path = members_path(options);
  if (!path) return tl::unexpected(path.error());
  const auto name = [](const Json& member) {
    return text_at(member, has(member, "username") ? "username" : "user");
  };
  return show_list(session, *path, {{"user", name}, column("role")}, "no members of its own");
}

Outcome add(Session& session, const MemberOptions& options) {
  const auto path = member_path(options);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("role", std::string_view(options.role));
  return change_and_report(
      session, HttpMethod::put, *path, std::move(body),
      {fmt::format("user {} is {} of fleet {}", options.user, options.role, options.slug),
       fmt::format("make user {} {} of fleet {}", options.user, options.role, options.slug),
       fmt::format("user {} is {} of fleet {} already", options.user, options.role, options.slug)});
}

Outcome remove(Session& session, const MemberOptions& options) {
  const auto path = member_path(options);
  if (!path) return tl::unexpected(path.error());
  return change_and_report(
      session, HttpMethod::del, *path, {},
      {fmt::format("user {} is no member of fleet {} any more", options.user, options.slug),
       fmt::format("remove user {} from fleet {}", options.user, options.slug),
       fmt::format("user {} is no member of fleet {}", options.user, options.slug)});
}

std::shared_ptr<MemberOptions> add_slug(CLI::App& command) {
  auto options = std::make_shared<MemberOptions>();
  command.add_option("SLUG", options->slug, "ORGANISATION/NAME")->required();
  return options;
}

}  // namespace

void add_member_commands(CLI::App& fleet, Invocation& invocation) {
  auto& members = add_group(fleet, "members", "Who may do what in a fleet");
  auto& show = add_read(members, invocation,
                        {"list", "List the members of a fleet", "fleet members list acme/thermo"});
  runs(show, invocation, add_slug(show), list);

  auto& put = add_change(members, invocation,
                         {"add", "Make a user a member, or change a member's role",
                          "fleet members add acme/thermo alice --role operator"});
  const auto added = add_slug(put);
  put.add_option("USER", added->user, "The user's name")->required();
  put.add_option("--role", added->role, "What the user may do")
      ->required()
      ->check(CLI::IsMember({"observer", "operator", "developer", "administrator"}))
      ->option_text("ROLE");
  runs(put, invocation, added, add);

  auto& rm = add_change(members, invocation,
                        {"rm", "Remove a member", "fleet members rm acme/thermo alice"});
  const auto removed = add_slug(rm);
  rm.add_option("USER", removed->user, "The user's name")->required();
  runs(rm, invocation, removed, remove);
}

}  // namespace muster::cli
