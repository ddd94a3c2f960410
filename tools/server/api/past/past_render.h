#pragma once

#include <nlohmann/json_fwd.hpp>

#include "projections/history/past_rows.h"

namespace muster {

// Rows as they were at some moment, with the names that things had then.

nlohmann::ordered_json render(PastRows& rows, const Organisation& organisation);
nlohmann::ordered_json render(PastRows& rows, const Fleet& fleet, Timestamp at);
nlohmann::ordered_json render(PastRows& rows, const Device& device, Timestamp at);

/// The release that the device should run, null for none; and null for no device.
const Release* past_target(PastRows& rows, const Device* device);

}  // namespace muster
