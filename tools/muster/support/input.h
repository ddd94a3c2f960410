#pragma once

#include <string>
#include <vector>

#include "tools/muster/output/failure.h"
#include "tools/muster/support/surroundings.h"

namespace muster::cli {

/// All of the file `name`, or of standard input for `-`. At most 16 MiB.
/// Failures: cannot be read, too large, not UTF-8.
CliResult<std::string> read_input(const Surroundings& around, const std::string& name);

/// One JSON object from a file, as it is there. Failures: those of read_input; wrong usage.
CliResult<std::string> read_json_object(const Surroundings& around, const std::string& name);

/// The parts of `text` between any of `separators`, without spaces around them and without
/// empty ones.
std::vector<std::string> split(const std::string& text, const std::string& separators);

}  // namespace muster::cli
