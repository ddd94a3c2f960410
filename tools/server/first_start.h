#pragma once

#include <filesystem>

#include "broker-bridge/channel/payload.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/log/event_log.h"
#include "core/log/record_codec.h"
#include "tools/server/tokens.h"

namespace muster {

/// Writes the first events of an empty log: who it is, the device types, the user `admin` with an
/// administrator's token. The token goes to `token_file` before the events exist, so that no
/// crash leaves a log that nobody can enter.
/// Errors: failed.
[[nodiscard]] Result<void> initialise_log(EventLog& log, const RecordCodec& codec,
                                          const UserTokens& tokens, const Clock& clock,
                                          const std::filesystem::path& token_file);

/// Who the log is, from its first event.
/// Errors: corrupt; incompatible if it begins with anything else.
[[nodiscard]] Result<LogIdentity> read_identity(const EventLog& log, const RecordCodec& codec);

}  // namespace muster
