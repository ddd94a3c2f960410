#pragma once

#include <string>

#include "core/domain/actions/action_events.h"

namespace muster::test {

// What the facts about actions say, without their names, as short texts. A device is `device N`,
// a fleet-wide action has its fleet, and `#n` names the action.
std::string action_text(const ActionQueued& e);
std::string action_text(const FleetActionQueued& e);
std::string action_text(const ActionSkipped& e);
std::string action_text(const ActionMerged& e);
std::string action_text(const ActionPublished& e);
std::string action_text(const ActionDelivered& e);
std::string action_text(const ActionStarted& e);
std::string action_text(const ActionEnded& e);
std::string action_text(const ActionCancelRequested& e);
std::string action_text(const FleetActionEnded& e);
std::string action_text(const ActionLateResult& e);

}  // namespace muster::test
