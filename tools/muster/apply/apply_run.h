#pragma once

#include <cstdint>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/muster/apply/command_file.h"
#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/support/session.h"

namespace muster::cli {

struct ApplyOptions {
  std::string file;             // `-`: standard input.
  std::string idempotency_key;  // Empty: one made from the file's content.
  std::string failures_file;    // Empty: none is written.
  bool stop_on_error = false;
  bool dry_run = false;
};

/// What came of the commands of a file.
struct ApplyTally {
  std::uint64_t done = 0;       // Changed something, or would.
  std::uint64_t unchanged = 0;  // There was nothing to do.
  std::uint64_t repeated = 0;   // Done already, by an earlier run with the same key.
  std::uint64_t failed = 0;

  [[nodiscard]] std::uint64_t answered() const { return done + unchanged + repeated + failed; }
};

/// Sends the commands of a file in bulk and counts what comes of them. Lost connections are made
/// again; the lines after the last answer are then sent once more, which their keys make safe.
class ApplyRun {
 public:
  /// The references must outlive it.
  ApplyRun(Session& session, const ApplyOptions& options, const CommandFile& file);

  /// Failures: the server is not reached, or refuses the whole; what came of the lines until then
  /// is in the tally. Lines that fail are no failure of this.
  Outcome send_all();

  [[nodiscard]] const ApplyTally& tally() const noexcept { return tally_; }

  /// The answers to the first lines that failed, as the server gave them.
  [[nodiscard]] const std::vector<Json>& failures() const noexcept { return failures_; }

 private:
  CliResult<HttpClientResponse> send_from(std::uint64_t line);
  void take(std::string_view part);
  void take_answer(std::string_view line);
  void keep_failure(const Json& answer);
  Outcome finish_failures();

  Session& session_;
  const ApplyOptions& options_;
  const CommandFile& file_;
  ProgressBar bar_;
  ApplyTally tally_;
  std::uint64_t last_line_ = 0;  // That was answered.
  std::string partial_;          // The beginning of an answer's line.
  std::vector<Json> failures_;
  CommandFile::Cursor failed_lines_;
  std::ofstream failures_out_;
};

}  // namespace muster::cli
