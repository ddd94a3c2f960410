#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/log/checkpoint/checkpoint.h"
#include "core/log/checkpoint/note.h"
#include "core/log/merkle/merkle_frontier.h"
#include "core/log/merkle/proof.h"
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

tl::unexpected<Failure> unsound(std::string detail) {
  Failure failure{.exit_code = ExitCode::unsound};
  failure.problem = {.code = "proof-wrong",
                     .detail = std::move(detail),
                     .remedy = "keep what the server answered (--json), and tell its auditors"};
  return tl::unexpected(std::move(failure));
}

std::optional<Digest> digest_in(const Json& value) {
  const auto bytes = from_base64(value.is_string() ? value.get<std::string>() : std::string());
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

std::optional<Proof> proof_in(const Json& answer) {
  const auto hashes = answer.find("hashes");
  if (hashes == answer.end() || !hashes->is_array()) return std::nullopt;
  Proof proof;
  for (const Json& hash : *hashes) {
    const auto digest = digest_in(hash);
    if (!digest) return std::nullopt;
    proof.push_back(*digest);
  }
  return proof;
}

/// What the note in `shown` says, if the key beside it signed it.
std::optional<Checkpoint> checkpoint_in(const Json& shown) {
  const auto key = NoteVerifier::parse(text_at(shown, "key"));
  if (!key) return std::nullopt;
  const auto text = open_note(text_at(shown, "note"), *key);
  if (!text) return std::nullopt;
  const auto checkpoint = parse_checkpoint(*text);
  return checkpoint ? std::optional(*checkpoint) : std::nullopt;
}

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

/// As c2sp.org/tlog-proof has it.
std::string proof_file(const Json& answer) {
  std::string text = fmt::format("c2sp.org/tlog-proof@v1\nindex {}\n", count_at(answer, "index"));
  for (const Json& hash : answer.at("hashes")) text += hash.get<std::string>() + "\n";
  return text + "\n" + text_at(answer.at("checkpoint"), "note");
}

Outcome write_proof(const std::string& name, const Json& answer) {
  std::ofstream out(name, std::ios::binary);
  out << proof_file(answer) << std::flush;
  if (out) return {};
  return failed(Error{ErrorCode::failed, fmt::format("cannot write {}", name)});
}

Outcome inclusion(Session& session, const InclusionOptions& options) {
  const auto answer = session.get(fmt::format("/v1/audit/inclusion/{}", options.sequence));
  if (!answer) return tl::unexpected(answer.error());
  const auto record = from_base64(text_at(*answer, "record"));
  const auto proof = proof_in(*answer);
  const auto head =
      has(*answer, "checkpoint") ? checkpoint_in(answer->at("checkpoint")) : std::nullopt;
  if (!record || !proof || !head) {
    return unsound("the answer is no proof under a signed checkpoint");
  }
  const std::uint64_t index = count_at(*answer, "index");
  const Digest leaf = merkle_leaf(as_text(*record));
  if (fmt::to_string(index + 1) != options.sequence ||
      !is_included(leaf, index, *proof, head->head)) {
    return unsound(
        fmt::format("the proof does not show that event {} is in the log", options.sequence));
  }
  if (!options.out.empty()) {
    if (auto written = write_proof(options.out, *answer); !written) return written;
  }
  if (session.json()) {
    session.print_json(*answer);
    return {};
  }
  session.print(fmt::format(
      "event {} is in the log: its record of {} bytes is leaf {} under a checkpoint of {} events, "
      "signed by\n{}\n",
      options.sequence, record->size(), index, head->head.size,
      text_at(answer->at("checkpoint"), "key")));
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
