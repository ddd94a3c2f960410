#pragma once

#include <string>
#include <vector>

#include "tools/muster/support/surroundings.h"

namespace CLI {  // NOLINT(readability-identifier-naming): CLI11 is named so.
class App;
}  // namespace CLI

namespace muster::cli {

struct Invocation;

/// Declares some commands.
using AddCommands = void (*)(CLI::App& app, Invocation& invocation);

/// Parses and runs one command line (without the program's name) and gives the exit code: 0 done,
/// 1 refused or failed, 2 wrong usage, 3 server not reachable. Never throws.
/// Knows the commands that talk to a server, and those of `more`.
int run_command_line(const std::vector<std::string>& arguments, Surroundings& around,
                     const std::vector<AddCommands>& more);

}  // namespace muster::cli
