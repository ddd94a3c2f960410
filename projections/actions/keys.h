#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/ulid.h"
#include "projections/key_layout.h"

// The keys of the view of actions. A change raises the version of ActionsView.

namespace muster {

inline constexpr std::string_view actions_view = "actions";

enum class ActionsKey : char {
  action = 1,        // n, newest first → ActionRecord
  part,              // n, device → ActionProgress, once something happened there
  roll_up,           // id of a command → ActionRollUp
  action_of_id,      // id of a command, n → nothing
  action_of_device,  // device, n newest first → nothing
  action_of_fleet,   // fleet, n newest first → nothing; also of its devices
  wide_of_fleet,     // fleet, n newest first → last device that is meant
  deadline,          // time, device, fleet, n → nothing
  fleet_of_device    // device → fleet
};

/// A sequence whose keys stand newest first.
struct NewestFirst {
  Sequence n;
};

inline void append_part(std::string& key, NewestFirst newest) {
  append_big_endian(key, std::numeric_limits<std::uint64_t>::max() - newest.n.value());
}
inline void append_part(std::string& key, const Ulid& id) { key.append(as_text(id.bytes)); }

/// The key of that kind with these parts; a prefix of keys, if parts are left out.
template <typename... Parts>
[[nodiscard]] std::string action_key(ActionsKey kind, const Parts&... parts) {
  std::string key(1, static_cast<char>(kind));
  (append_part(key, parts), ...);
  return key;
}

/// The sequence at the end of a key that stands newest first.
[[nodiscard]] inline Sequence newest_at_end(std::string_view key) {
  const auto bytes = key.substr(key.size() - sizeof(std::uint64_t));
  return Sequence{std::numeric_limits<std::uint64_t>::max() -
                  read_big_endian<std::uint64_t>(bytes)};
}

}  // namespace muster
