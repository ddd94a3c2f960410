#include "broker-bridge/mosquitto-plugin/key_table.h"

#include "broker-bridge/credentials/control_message.h"

namespace muster {

KeyTable::Entry* KeyTable::entry_of(const Uuid& device) {
  const auto found = entries_.find(device);
  if (found != entries_.end()) return &found->second;
  if (entries_.size() >= devices_max) return nullptr;
  return &entries_[device];
}

bool KeyTable::set_minimum(const Uuid& device, std::uint64_t generation) {
  Entry* entry = entry_of(device);
  if (entry == nullptr) return false;
  entry->minimum = generation;
  if (entry->watched && *entry->watched <= generation) entry->watched.reset();
  return true;
}

bool KeyTable::watch(const Uuid& device, std::uint64_t generation) {
  Entry* entry = entry_of(device);
  if (entry == nullptr) return false;
  entry->watched = generation;
  return true;
}

bool KeyTable::is_good(const Uuid& device, std::uint64_t generation) const {
  const auto found = entries_.find(device);
  if (found == entries_.end()) return true;
  return found->second.minimum != no_generation && generation >= found->second.minimum;
}

bool KeyTable::is_watched(const Uuid& device, std::uint64_t generation) const {
  const auto found = entries_.find(device);
  return found != entries_.end() && found->second.watched && generation >= *found->second.watched;
}

}  // namespace muster
