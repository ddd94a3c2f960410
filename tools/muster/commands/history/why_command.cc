#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tools/muster/commands/audit/inclusion.h"
#include "tools/muster/commands/commands.h"
#include "tools/muster/commands/history/event_text.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

struct WhyOptions {
  std::string device;
  std::string proofs;
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

/// A file for each event of the chain.
Outcome prove(Session& session, const Json& chain, const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    return failed(Error{ErrorCode::failed, fmt::format("cannot make the folder {}: {}",
                                                       folder.string(), error.message())});
  }
  for (const Json& link : chain) {
    const auto sequence = fmt::to_string(count_at(link, "sequence"));
    const auto proof = fetch_inclusion(session, sequence);
    if (!proof) return tl::unexpected(proof.error());
    const auto file = folder / fmt::format("{}.tlog-proof", sequence);
    if (auto written = write_proof(file, *proof); !written) return written;
  }
  return {};
}

Outcome why(Session& session, const WhyOptions& options) {
  const auto answer = session.get(item_path("devices", options.device) + "/why");
  if (!answer) return tl::unexpected(answer.error());
  const Json chain = has(*answer, "chain") ? answer->at("chain") : Json::array();
  if (!options.proofs.empty()) {
    if (auto proved = prove(session, chain, options.proofs); !proved) return proved;
  }
  if (session.json()) {
    session.print_json(*answer);
    return {};
  }
  session.print(fmt::format("{}\n", printable(verdict(*answer))));
  auto columns = event_columns();
  columns.insert(columns.begin(), column("role"));
  print_list(session, chain, columns, "no event led to this");
  if (!options.proofs.empty()) {
    session.print(fmt::format("each is proved to be in the log: {}\n", options.proofs));
  }
  return {};
}

}  // namespace

void add_why_command(CLI::App& app, Invocation& invocation) {
  auto& command = add_read(app, invocation,
                           {"why",
                            "Why a device should run what it should run: the events that led to "
                            "it, from its target back",
                            "why 4f1c2d3\nwhy 4f1c2d3 --json\nwhy 4f1c2d3 --proofs proofs"});
  const auto options = std::make_shared<WhyOptions>();
  command.add_option("UUID", options->device, "Or its first 7 or more digits")->required();
  command
      .add_option("--proofs", options->proofs,
                  "Also prove that each of these events is in the log: a C2SP tlog-proof each, in "
                  "this folder, made if it is missing")
      ->option_text("DIR");
  runs(command, invocation, options, why);
}

}  // namespace muster::cli
