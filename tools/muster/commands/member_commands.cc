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
  std::string of;  // The fleet's slug or the organisation's handle.
  std::string user;
  std::string role;
};

/// What has members: how it is called, where it is, and which roles there are in it.
struct Fleet {
  static constexpr std::string_view noun = "fleet";
  static constexpr const char* argument = "SLUG";
  static constexpr const char* argument_help = "ORGANISATION/NAME";
  static constexpr const char* sample = "acme/thermo";
  static constexpr const char* sample_role = "operator";
  static std::vector<std::string> roles() {
    return {"observer", "operator", "developer", "administrator"};
  }
  static CliResult<std::string> path(const std::string& slug) { return fleet_path(slug); }
};

struct Organisation {
  static constexpr std::string_view noun = "organisation";
  static constexpr const char* argument = "HANDLE";
  static constexpr const char* argument_help = "Its short name";
  static constexpr const char* sample = "acme";
  static constexpr const char* sample_role = "administrator";
  static std::vector<std::string> roles() { return {"member", "administrator"}; }
  static CliResult<std::string> path(const std::string& handle) {
    return item_path("organisations", handle);
  }
};

template <typename Group>
CliResult<std::string> members_path(const MemberOptions& options) {
  return Group::path(options.of).map([](const std::string& path) { return path + "/members"; });
}

template <typename Group>
CliResult<std::string> member_path(const MemberOptions& options) {
  return members_path<Group>(options).map([&options](const std::string& path) {
    return fmt::format("{}/{}", path, percent_encode(options.user));
  });
}

template <typename Group>
Outcome list(Session& session, const MemberOptions& options) {
  const auto path = members_path<Group>(options);
  if (!path) return tl::unexpected(path.error());
  return show_list(session, *path, {column("user"), column("role")}, "no members of its own");
}

template <typename Group>
Outcome add(Session& session, const MemberOptions& options) {
  const auto path = member_path<Group>(options);
  if (!path) return tl::unexpected(path.error());
  JsonBody body;
  body.text("role", std::string_view(options.role));
  const auto what = fmt::format("{} of {} {}", options.role, Group::noun, options.of);
  return change_and_report(session, HttpMethod::put, *path, std::move(body),
                           {fmt::format("user {} is {}", options.user, what),
                            fmt::format("make user {} {}", options.user, what),
                            fmt::format("user {} is {} already", options.user, what)});
}

template <typename Group>
Outcome remove(Session& session, const MemberOptions& options) {
  const auto path = member_path<Group>(options);
  if (!path) return tl::unexpected(path.error());
  const auto where = fmt::format("{} {}", Group::noun, options.of);
  return change_and_report(session, HttpMethod::del, *path, {},
                           {fmt::format("user {} is no member of {} any more", options.user, where),
                            fmt::format("remove user {} from {}", options.user, where),
                            fmt::format("user {} is no member of {}", options.user, where)});
}

template <typename Group>
std::shared_ptr<MemberOptions> add_arguments(CLI::App& command) {
  auto options = std::make_shared<MemberOptions>();
  command.add_option(Group::argument, options->of, Group::argument_help)->required();
  return options;
}

/// Declares `members` with its commands under `parent`, which is the command `word`.
template <typename Group>
void add_members(CLI::App& parent, Invocation& invocation, const std::string& about) {
  const std::string start = fmt::format("{} members", parent.get_name());
  auto& members = add_group(parent, "members", about);
  auto& show = add_read(members, invocation,
                        {"list", fmt::format("List the members of a {}", Group::noun),
                         fmt::format("{} list {}", start, Group::sample)});
  runs(show, invocation, add_arguments<Group>(show), list<Group>);

  auto& put = add_change(
      members, invocation,
      {"add", "Make a user a member, or change a member's role",
       fmt::format("{} add {} alice --role {}", start, Group::sample, Group::sample_role)});
  const auto added = add_arguments<Group>(put);
  put.add_option("USER", added->user, "The user's name")->required();
  put.add_option("--role", added->role, "What the user may do")
      ->required()
      ->check(CLI::IsMember(Group::roles()))
      ->option_text("ROLE");
  runs(put, invocation, added, add<Group>);

  auto& rm =
      add_change(members, invocation,
                 {"rm", "Remove a member", fmt::format("{} rm {} alice", start, Group::sample)});
  const auto removed = add_arguments<Group>(rm);
  rm.add_option("USER", removed->user, "The user's name")->required();
  runs(rm, invocation, removed, remove<Group>);
}

}  // namespace

void add_member_commands(CLI::App& fleet, Invocation& invocation) {
  add_members<Fleet>(fleet, invocation, "Who may do what in a fleet");
}

void add_org_member_commands(CLI::App& org, Invocation& invocation) {
  add_members<Organisation>(org, invocation,
                            "Who belongs to an organisation: administrators of all its fleets, and "
                            "members, who see what they are added to");
}

}  // namespace muster::cli
