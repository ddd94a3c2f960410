#pragma once

#include <filesystem>

#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/domain/decide/command.h"
#include "tools/server/tokens.h"

namespace muster {

/// What an empty log begins with: who it is, the device types, the user `admin` with an
/// administrator's token. The token goes to `token_file` before the events exist, so that no
/// crash leaves a log that nobody can enter.
/// Errors: failed.
[[nodiscard]] Result<Command> first_command(const UserTokens& tokens, const Clock& clock,
                                            const std::filesystem::path& token_file);

/// Says on standard output who may enter a new log, and with what.
void announce_first_administrator(const std::filesystem::path& token_file);

}  // namespace muster
