#pragma once

#include <string>

#include "tools/muster/support/session.h"

namespace muster::cli {

/// What is to be done to projections.
struct ProjectionRun {
  bool rebuild = true;  // Else a check.
  std::string name = "all";
  std::string data;  // A data folder that no server uses; empty: ask the server.
  bool from_start = false;
};

/// Has it done, shows how far it is, and gives the run as it ended (docs/http-api.md).
CliResult<Json> run_on_server(Session& session, const ProjectionRun& what);
CliResult<Json> run_offline(Session& session, const ProjectionRun& what);

}  // namespace muster::cli
