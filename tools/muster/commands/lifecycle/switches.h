#pragma once

#include <optional>
#include <string>

#include "tools/muster/declare.h"

namespace muster::cli {

/// `on` as true, `off` as false. Failures: wrong usage.
CliResult<bool> switch_of(std::string_view word);

/// Until when support has access, as a command line says it.
struct SupportOptions {
  std::optional<std::string> until;     // RFC 3339.
  std::optional<std::string> duration;  // From now on.
  bool revoke = false;
};

/// Adds them to `command`.
void add_support_options(CLI::App& command, SupportOptions& options);

/// The end that is meant, RFC 3339; none to revoke the access. Failures: wrong usage.
CliResult<std::optional<std::string>> support_end(const SupportOptions& options);

}  // namespace muster::cli
