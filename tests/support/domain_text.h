#pragma once

#include <string>
#include <vector>

#include "core/domain/decide/decide.h"
#include "core/domain/event.h"

namespace muster::test {

/// An event as one readable line: its name and what it says, e.g. `DevicePinned 3 release=2 was=-`.
/// Times, hashes and uuids of fleets and logs are left out.
std::string text_of(const Event& event);

/// The lines of the events, joined by `; `, or `nothing`.
std::string text_of(const std::vector<Event>& events);

/// The same for what was decided; a refusal is `refused: <code>`.
std::string text_of(const Decision& decision);

}  // namespace muster::test
