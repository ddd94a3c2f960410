#pragma once

#include "tools/muster/declare.h"

namespace muster::cli {

void add_projection_commands(CLI::App& app, Invocation& invocation);  // list, rebuild, check.

}  // namespace muster::cli
