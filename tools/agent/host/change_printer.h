#pragma once

#include <functional>
#include <string>

#include "core/base/clock.h"
#include "core/base/uuid.h"
#include "tools/agent/device.h"

namespace muster::agent {

/// One line for people: `0123abcd  target  seq 12  release 9f3c2a1 (1.2.0)  pinned`.
std::string change_line(const Uuid& device, const Change& change);

/// The same of an action: `0123abcd  action  reboot 9007  started`.
std::string change_line(const Uuid& device, const ActionChange& change);

/// One JSON object: `{"device":…,"event":…,"epoch":…,"seq":…,"commit":…|null,"semver":…,"policy":…,
/// "message":…,"at":…}`.
std::string change_json(const Uuid& device, const Change& change, Timestamp at);

/// One JSON object: `{"device":…,"event":"action","epoch":…,"n":…,"id":…,"kind":…,"state":…,
/// "message":…,"at":…}`.
std::string change_json(const Uuid& device, const ActionChange& change, Timestamp at);

}  // namespace muster::agent
