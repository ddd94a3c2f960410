#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tools/audit/source/data_source.h"
#include "tools/audit/source/log_source.h"
#include "tools/muster/declare.h"

namespace muster::cli {

// The commands of the group `audit`, one function each.
void add_refusals_command(CLI::App& audit, Invocation& invocation);
void add_checkpoint_command(CLI::App& audit, Invocation& invocation);
void add_proof_commands(CLI::App& audit, Invocation& invocation);
void add_export_command(CLI::App& audit, Invocation& invocation);
void add_verify_command(CLI::App& audit, Invocation& invocation);

/// A log that was named on a command line.
struct NamedLog {
  std::unique_ptr<audit::LogSource> source;
  const audit::DataSource* data = nullptr;  // The source, if it is a data folder.
};

/// The log in the data folder or the folder of tiles `where`, or of the server with that URL; in a
/// folder of backups, that of `backup`, or of the newest.
/// Failures: wrong usage if it is none of them; those of the sources.
CliResult<NamedLog> open_log(Session& session, const std::string& where,
                             std::optional<std::uint32_t> backup = std::nullopt);

/// The log of the server that the settings name. Failures: those of find_access.
CliResult<NamedLog> open_servers_log(Session& session);

}  // namespace muster::cli
