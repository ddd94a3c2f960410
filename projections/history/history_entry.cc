#include "projections/history/history_entry.h"

#include "core/base/endian.h"

namespace muster {
namespace {

constexpr std::size_t id_size = sizeof(std::uint32_t);
constexpr std::size_t ids_size = 4 * id_size;

std::uint32_t id_at(std::string_view bytes, std::size_t place) {
  return read_big_endian<std::uint32_t>(bytes.substr(place * id_size));
}

}  // namespace

std::string encode(const HistoryEntry& entry) {
  std::string bytes;
  bytes.reserve(ids_size + entry.kind.size());
  append_big_endian(bytes, entry.actor.value());
  append_big_endian(bytes, entry.fleet.value());
  append_big_endian(bytes, entry.organisation.value());
  append_big_endian(bytes, entry.device.value());
  return bytes.append(entry.kind);
}

std::optional<HistoryEntry> decode_history_entry(Sequence sequence, std::string_view bytes) {
  if (bytes.size() <= ids_size) return std::nullopt;
  return HistoryEntry{.sequence = sequence,
                      .actor = UserId{id_at(bytes, 0)},
                      .fleet = FleetId{id_at(bytes, 1)},
                      .organisation = OrganisationId{id_at(bytes, 2)},
                      .device = DeviceId{id_at(bytes, 3)},
                      .kind = std::string(bytes.substr(ids_size))};
}

}  // namespace muster
