#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/history/event_text.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct WhyOptions {
  std::string device;
};

/// `device 4f1c2d3f5a60 of acme/thermo should run 9f3c2a1 (1.0.0): it is pinned`
std::string verdict(const Json& why) {
  constexpr std::size_t digits = 12;
  const auto release = release_at(why, "target_release");
  const bool pinned = text_at(why, "policy") == "pinned";
  const bool fleet_pinned = text_at(why, "fleet_policy") == "pinned";
  const std::string reason = pinned         ? "it is pinned"
                             : fleet_pinned ? "it follows its fleet, which is pinned"
                                            : "it follows its fleet, which tracks the latest";
  const auto lifecycle = text_at(why, "lifecycle");
  const auto head = fmt::format("device {} of {}", text_at(why, "device").substr(0, digits),
                                text_at(why, "fleet"));
  if (lifecycle != "active") return fmt::format("{} gets no target: it is {}", head, lifecycle);
  if (release.empty()) {
    return fmt::format("{} has no target: its fleet never had an eligible release", head);
  }
  return fmt::format("{} should run {}: {}", head, release, reason);
}

Outcome why(Session& session, const WhyOptions& options) {
  const auto answer = session.get(item_path("devices", options.device) + "/why");
  if (!answer) return tl::unexpected(answer.error());
  if (session.json()) {
    session.print_json(*answer);
    return {};
  }
  session.print(fmt::format("{}\n", printable(verdict(*answer))));
  auto columns = event_columns();
  columns.insert(columns.begin(), column("role"));
  const Json chain = has(*answer, "chain") ? answer->at("chain") : Json::array();
  print_list(session, chain, columns, "no event led to this");
  return {};
}

}  // namespace

void add_why_command(CLI::App& app, Invocation& invocation) {
  auto& command = add_read(app, invocation,
                           {"why",
                            "Why a device should run what it should run: the events that led to "
                            "it, from its target back",
                            "why 4f1c2d3\nwhy 4f1c2d3 --json"});
  const auto options = std::make_shared<WhyOptions>();
  command.add_option("UUID", options->device, "Or its first 7 or more digits")->required();
  runs(command, invocation, options, why);
}

}  // namespace muster::cli
