#pragma once

#include "core/base/error.h"
#include "core/domain/event.h"
#include "core/log/subject_keys.h"
#include "schemas/event_generated.h"

namespace muster {

// The reading half of RecordCodec; nothing else includes this.

/// The event in `envelope`, which the verifier accepted and which has a payload of a known type.
/// Errors: corrupt; incompatible if it holds something a newer Muster added.
[[nodiscard]] Result<Event> payload_from_wire(const wire::Envelope& envelope,
                                              const SubjectKeys& keys);

}  // namespace muster
