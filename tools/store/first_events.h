#pragma once

#include "broker-bridge/channel/payload.h"
#include "core/base/error.h"
#include "core/domain/decide/command.h"
#include "core/log/event_log.h"
#include "core/log/record_codec.h"

namespace muster {

/// Decides `first`, an Initialise, and appends its events to an empty log.
/// Errors: failed.
[[nodiscard]] Result<void> append_first_events(EventLog& log, const RecordCodec& codec,
                                               const Command& first, Timestamp now);

/// Who the log was when it was created: a restore since then raised its epoch.
/// Errors: corrupt; incompatible if it begins with anything else.
[[nodiscard]] Result<LogIdentity> read_identity(const EventLog& log, const RecordCodec& codec);

}  // namespace muster
