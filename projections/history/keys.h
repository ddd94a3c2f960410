#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "core/base/clock.h"
#include "core/base/endian.h"
#include "projections/key_layout.h"

// The keys of the view of history. A change raises the version of HistoryView.

namespace muster {

inline constexpr std::string_view history_view = "history";

enum class HistoryKey : char {
  block = 1,      // kind of stream, id, number of the block → its entries
  last_at,        // time, latest first → last sequence of that time
  slug_of_fleet,  // slug, mark, sequence since when → fleet
  life_of_uuid,   // uuid, device → nothing

  // Whose something is: id → id.
  fleet_of_device = 0x10,
  fleet_of_release,
  fleet_of_provisioning_key,
  organisation_of_fleet,
  user_of_token,
  owner_of_view
};

/// A time whose keys stand latest first.
struct LatestFirst {
  Timestamp time;
};

inline void append_part(std::string& key, LatestFirst latest) {
  const auto ticks = static_cast<std::uint64_t>(latest.time.time_since_epoch().count());
  append_big_endian(key, std::numeric_limits<std::uint64_t>::max() - ticks);
}

/// Behind a slug, so that no slug is the beginning of another one's keys.
inline constexpr std::string_view slug_mark{"\0", 1};

/// The key of that kind with these parts; a prefix of keys, if parts are left out.
template <typename... Parts>
[[nodiscard]] std::string history_key(HistoryKey kind, const Parts&... parts) {
  std::string key(1, static_cast<char>(kind));
  (append_part(key, parts), ...);
  return key;
}

}  // namespace muster
