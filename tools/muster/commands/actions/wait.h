#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tools/muster/support/session.h"

namespace muster::cli {

/// How long to watch actions that were asked for.
struct WaitOptions {
  bool wait = false;
  std::string longest = "1h";
};

/// `90s`, `15m`, `2h` or `7d`.
std::optional<std::chrono::seconds> parse_span(std::string_view text);

/// Shows how far the actions of that command are until all are over, or the time is up; then what
/// became of them. Fails, without more words, if one of them failed or is still open.
Outcome wait_for(Session& session, const std::string& id, const WaitOptions& options);

/// What became of them, in a line: `3 of 4 over: 2 succeeded, 1 expired`.
std::string roll_up_text(const Json& roll_up);

}  // namespace muster::cli
