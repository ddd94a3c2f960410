#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "core/base/endian.h"
#include "core/domain/ids.h"

namespace muster {

/// What a stream tells of. The numbers are stored: a change raises the version of HistoryView.
enum class StreamKind : std::uint8_t {
  device = 1,
  fleet = 2,  // Itself, its releases and keys.
  crew = 3,   // Of a fleet: how its devices come, go and differ from it.
  organisation = 4,
  user = 5,
  deeds = 6  // Of a user: what was done in its name.
};

/// The events that concern one thing, in their order.
struct Stream {
  StreamKind kind = StreamKind::device;
  std::uint32_t id = 0;

  friend auto operator<=>(const Stream&, const Stream&) = default;
};

inline Stream stream_of(DeviceId id) { return {StreamKind::device, id.value()}; }
inline Stream stream_of(FleetId id) { return {StreamKind::fleet, id.value()}; }
inline Stream crew_of(FleetId id) { return {StreamKind::crew, id.value()}; }
inline Stream stream_of(OrganisationId id) { return {StreamKind::organisation, id.value()}; }
inline Stream stream_of(UserId id) { return {StreamKind::user, id.value()}; }
inline Stream deeds_of(UserId id) { return {StreamKind::deeds, id.value()}; }

inline void append_part(std::string& key, const Stream& stream) {
  key.push_back(static_cast<char>(stream.kind));
  append_big_endian(key, stream.id);
}

}  // namespace muster
