#pragma once

#include "tools/muster/declare.h"

namespace muster::cli {

// Each declares the commands of one noun, or of a few small ones, in `app`. Running one is a
// function of its own that takes a Session and the parsed options.

void add_session_commands(CLI::App& app, Invocation& invocation);  // login, logout, whoami.
void add_status_commands(CLI::App& app, Invocation& invocation);   // status, broker, clock.
void add_org_commands(CLI::App& app, Invocation& invocation);
void add_user_commands(CLI::App& app, Invocation& invocation);
void add_token_commands(CLI::App& app, Invocation& invocation);
void add_device_type_commands(CLI::App& app, Invocation& invocation);
void add_fleet_commands(CLI::App& app, Invocation& invocation);
void add_member_commands(CLI::App& fleet, Invocation& invocation);
void add_provisioning_commands(CLI::App& fleet, Invocation& invocation);
void add_release_commands(CLI::App& app, Invocation& invocation);
void add_device_commands(CLI::App& app, Invocation& invocation);
void add_device_list_command(CLI::App& device, Invocation& invocation);
void add_device_policy_commands(CLI::App& device, Invocation& invocation);  // pin, track-fleet.
void add_device_action_commands(CLI::App& device, Invocation& invocation);  // restart, …
void add_device_move_command(CLI::App& device, Invocation& invocation);
void add_fleet_action_commands(CLI::App& fleet, Invocation& invocation);
void add_action_commands(CLI::App& app, Invocation& invocation);
void add_device_life_commands(CLI::App& device, Invocation& invocation);
void add_fleet_life_commands(CLI::App& fleet, Invocation& invocation);
void add_view_commands(CLI::App& app, Invocation& invocation);
void add_org_member_commands(CLI::App& org, Invocation& invocation);
void add_history_commands(CLI::App& app, Invocation& invocation);
void add_why_command(CLI::App& app, Invocation& invocation);
void add_as_of_command(CLI::App& app, Invocation& invocation);
void add_diff_command(CLI::App& app, Invocation& invocation);
void add_audit_commands(CLI::App& app, Invocation& invocation);
void add_backup_commands(CLI::App& app, Invocation& invocation);
void add_apply_commands(CLI::App& app, Invocation& invocation);

// Not in the library of the above but in the program itself: they bring a lot with them.
void add_serve_commands(CLI::App& app, Invocation& invocation);
void add_agent_commands(CLI::App& app, Invocation& invocation);
void add_bench_commands(CLI::App& app, Invocation& invocation);

}  // namespace muster::cli
