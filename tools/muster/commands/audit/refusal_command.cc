#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/http/percent.h"
#include "tools/muster/commands/audit/parts.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

struct RefusalOptions {
  std::string user;
  std::string code;
  std::size_t limit = 100;
};

std::string path_of(const RefusalOptions& options) {
  std::string path = "/v1/audit/refusals";
  const auto add = [&path](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    const char joint = path.find('?') == std::string::npos ? '?' : '&';
    path += fmt::format("{}{}={}", joint, name, percent_encode(value));
  };
  add("user", options.user);
  add("code", options.code);
  return path;
}

Outcome refusals(Session& session, const RefusalOptions& options) {
  const auto listed = session.list(path_of(options), options.limit);
  if (!listed) return tl::unexpected(listed.error());
  print_list(session, listed->at("items"),
             {column("at"), column("user"), column("token"), column("remote"), column("what"),
              column("code"), column("entity")},
             "no refusals");
  return {};
}

}  // namespace

void add_refusals_command(CLI::App& audit, Invocation& invocation) {
  auto& command = add_read(audit, invocation,
                           {"refusals",
                            "Who was refused what, the newest first: at least the last 20,000, "
                            "none older than 90 days",
                            "audit refusals --user alice\n"
                            "audit refusals --code not-allowed --limit 1000 --json"});
  const auto options = std::make_shared<RefusalOptions>();
  command.add_option("--user", options->user, "Only those of this user")->option_text("NAME");
  command.add_option("--code", options->code, "Only those with this code")->option_text("CODE");
  command.add_option("--limit", options->limit, "At most so many [default: 100]")
      ->check(whole_number)
      ->option_text("N");
  runs(command, invocation, options, refusals);
}

}  // namespace muster::cli
