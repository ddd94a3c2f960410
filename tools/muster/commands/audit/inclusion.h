#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "tools/muster/declare.h"

namespace muster::cli {

/// The proof that an event is in the log, which was checked.
struct InclusionProof {
  std::uint64_t index = 0;       // Of its leaf: the sequence less one.
  std::size_t record_bytes = 0;  // Of the event's record.
  std::uint64_t events = 0;      // Under the checkpoint.
  std::string key;               // That signed the checkpoint, as a C2SP verifier key.
  Json answer;                   // The server's.
};

/// Asks for the proof of the event at `sequence` and checks it: the record is that leaf of the
/// tree whose head the checkpoint beside it signs. Failures: unsound if it is not; the server's.
CliResult<InclusionProof> fetch_inclusion(Session& session, const std::string& sequence);

/// Writes it as c2sp.org/tlog-proof has it.
Outcome write_proof(const std::filesystem::path& file, const InclusionProof& proof);

}  // namespace muster::cli
