#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "tools/muster/commands/audit/inclusion.h"
#include "tools/muster/commands/audit/parts.h"
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

struct CheckpointOptions {
  bool sign = false;
};

struct InclusionOptions {
  std::string sequence;
  std::string out;
};

struct ConsistencyOptions {
  std::string from;
  std::optional<std::string> to;
};

Outcome checkpoint(Session& session, const CheckpointOptions& options) {
  const std::string path = "/v1/audit/checkpoint";
  const auto answer = options.sign ? session.change(HttpMethod::post, path, {}) : session.get(path);
  if (!answer) return tl::unexpected(answer.error());
  if (session.json()) {
    session.print_json(*answer);
  } else {
    session.print(text_at(*answer, "note"));
  }
  return {};
}

Outcome inclusion(Session& session, const InclusionOptions& options) {
  const auto proof = fetch_inclusion(session, options.sequence);
  if (!proof) return tl::unexpected(proof.error());
  if (!options.out.empty()) {
    if (auto written = write_proof(options.out, *proof); !written) return written;
  }
  if (session.json()) {
    session.print_json(proof->answer);
    return {};
  }
  session.print(fmt::format(
      "event {} is in the log: its record of {} bytes is leaf {} under a checkpoint of {} events, "
      "signed by\n{}\n",
      options.sequence, proof->record_bytes, proof->index, proof->events, proof->key));
  return {};
}

Outcome consistency(Session& session, const ConsistencyOptions& options) {
  std::string path = fmt::format("/v1/audit/consistency?from={}", options.from);
  if (options.to) path += fmt::format("&to={}", *options.to);
  const auto answer = session.get(path);
  if (!answer) return tl::unexpected(answer.error());
  if (session.json()) {
    session.print_json(*answer);
    return {};
  }
  session.print(fmt::format("hashes that show that {} events begin with those {}:\n",
                            count_at(*answer, "to"), count_at(*answer, "from")));
  for (const Json& hash : answer->at("hashes")) session.print(value_text(hash) + "\n");
  return {};
}

}  // namespace

void add_checkpoint_command(CLI::App& audit, Invocation& invocation) {
  auto& command = add_read(audit, invocation,
                           {"checkpoint", "Show the checkpoint signed last: a C2SP signed note",
                            "audit checkpoint\naudit checkpoint --sign --json"});
  const auto options = std::make_shared<CheckpointOptions>();
  command.add_flag("--sign", options->sign,
                   "Have one signed now: for auditors and instance administrators");
  runs(command, invocation, options, checkpoint);
}

void add_proof_commands(CLI::App& audit, Invocation& invocation) {
  auto& group = add_group(audit, "proof", "Proofs that others can check");
  auto& included = add_read(
      group, invocation,
      {"inclusion",
       "Prove that an event which you may see is in the log, and check that proof; of the other "
       "events it holds hashes only",
       "audit proof inclusion 31\naudit proof inclusion 31 --out 31.tlog-proof"});
  const auto inclusion_options = std::make_shared<InclusionOptions>();
  included.add_option("sequence", inclusion_options->sequence, "Of the event")
      ->required()
      ->check(whole_number)
      ->option_text("SEQUENCE");
  included
      .add_option("--out", inclusion_options->out,
                  "Also write it as a C2SP tlog-proof, for other tools")
      ->option_text("FILE");
  runs(included, invocation, inclusion_options, inclusion);

  auto& consistent = add_read(group, invocation,
                              {"consistency",
                               "Give the hashes that show that the log of one size begins with the "
                               "log of a smaller one",
                               "audit proof consistency 1000\naudit proof consistency 1000 5000"});
  const auto consistency_options = std::make_shared<ConsistencyOptions>();
  consistent.add_option("from", consistency_options->from, "How many events it had")
      ->required()
      ->check(whole_number)
      ->option_text("FROM");
  consistent
      .add_option("to", consistency_options->to,
                  "How many it has [default: those of the last checkpoint]")
      ->check(whole_number)
      ->option_text("TO");
  runs(consistent, invocation, consistency_options, consistency);
}

}  // namespace muster::cli
