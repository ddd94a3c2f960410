#pragma once

#include <string>
#include <string_view>

#include "tools/muster/output/failure.h"

namespace muster::cli {

/// `/v1/KIND/NAME`, with the name encoded.
std::string item_path(std::string_view kind, std::string_view name);

/// `/v1/fleets/ORG/NAME` for the slug `ORG/NAME`. Failures: wrong usage.
CliResult<std::string> fleet_path(std::string_view slug);

/// A release as the user names it: by anything in its fleet, or by its id if `fleet` is empty.
/// Failures: wrong usage.
CliResult<std::string> release_path(std::string_view release, std::string_view fleet);

}  // namespace muster::cli
