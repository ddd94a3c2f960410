#include "tools/muster/commands/audit/inclusion.h"

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
#include "tools/muster/output/report.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

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

/// As c2sp.org/tlog-proof has it.
std::string proof_file(const Json& answer) {
  std::string text = fmt::format("c2sp.org/tlog-proof@v1\nindex {}\n", count_at(answer, "index"));
  for (const Json& hash : answer.at("hashes")) text += hash.get<std::string>() + "\n";
  return text + "\n" + text_at(answer.at("checkpoint"), "note");
}

}  // namespace

CliResult<InclusionProof> fetch_inclusion(Session& session, const std::string& sequence) {
  auto answer = session.get(fmt::format("/v1/audit/inclusion/{}", sequence));
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
  if (fmt::to_string(index + 1) != sequence || !is_included(leaf, index, *proof, head->head)) {
    return unsound(fmt::format("the proof does not show that event {} is in the log", sequence));
  }
  InclusionProof found{.index = index,
                       .record_bytes = record->size(),
                       .events = head->head.size,
                       .key = text_at(answer->at("checkpoint"), "key"),
                       .answer = {}};
  found.answer = *std::move(answer);
  return found;
}

Outcome write_proof(const std::filesystem::path& file, const InclusionProof& proof) {
  std::ofstream out(file, std::ios::binary);
  out << proof_file(proof.answer) << std::flush;
  if (out) return {};
  return failed(Error{ErrorCode::failed, fmt::format("cannot write {}", file.string())});
}

}  // namespace muster::cli
