#pragma once

#include "tools/muster/declare.h"

namespace muster::cli {

// The commands of the group `backup`, one function each.
void add_backup_create_command(CLI::App& backup, Invocation& invocation);
void add_backup_list_command(CLI::App& backup, Invocation& invocation);
void add_backup_verify_command(CLI::App& backup, Invocation& invocation);
void add_backup_restore_command(CLI::App& backup, Invocation& invocation);

}  // namespace muster::cli
