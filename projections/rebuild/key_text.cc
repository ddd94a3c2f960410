#include "projections/rebuild/key_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "core/base/endian.h"
#include "core/base/hex.h"
#include "projections/actions/keys.h"
#include "projections/history/keys.h"
#include "projections/inventory/keys.h"
#include "projections/key_layout.h"

namespace muster {
namespace {

struct KeyWord {
  std::string_view view;
  char kind;
  std::string_view words;
};

template <typename Kind>
constexpr KeyWord word(std::string_view view, Kind kind, std::string_view words) {
  return {view, static_cast<char>(kind), words};
}

constexpr std::array key_words{
    word(registry_view, RegistryKey::last_event, "time of the last event"),
    word(registry_view, RegistryKey::device_type, "device type"),
    word(registry_view, RegistryKey::organisation, "organisation"),
    word(registry_view, RegistryKey::user, "user"),
    word(registry_view, RegistryKey::token, "token"),
    word(registry_view, RegistryKey::fleet, "fleet"),
    word(registry_view, RegistryKey::release, "release"),
    word(registry_view, RegistryKey::device, "device"),
    word(registry_view, RegistryKey::provisioning_key, "provisioning key"),
    word(registry_view, RegistryKey::saved_view, "saved view"),
    word(registry_view, RegistryKey::device_queue, "queue of device"),
    word(registry_view, RegistryKey::fleet_actions, "actions of fleet"),
    word(registry_view, RegistryKey::action_group, "action group"),
    word(registry_view, RegistryKey::device_type_by_slug, "device type by slug"),
    word(registry_view, RegistryKey::organisation_by_handle, "organisation by handle"),
    word(registry_view, RegistryKey::user_by_name, "user by name"),
    word(registry_view, RegistryKey::fleet_by_slug, "fleet by slug"),
    word(registry_view, RegistryKey::token_by_secret_hash, "token by hash"),
    word(registry_view, RegistryKey::device_by_uuid, "device by uuid"),
    word(registry_view, RegistryKey::release_of_fleet, "release of fleet"),
    word(registry_view, RegistryKey::provisioning_key_by_secret_hash, "provisioning key by hash"),
    word(registry_view, RegistryKey::provisioning_key_of_fleet, "provisioning key of fleet"),
    word(registry_view, RegistryKey::past, "past row"),
    word(targets_view, TargetsKey::fleet_of_device, "fleet of device"),
    word(targets_view, TargetsKey::device_of_fleet, "device of fleet"),
    word(targets_view, TargetsKey::resting_of_fleet, "deactivated device of fleet"),
    word(device_keys_view, DeviceKeysKey::keys_of_device, "keys of device"),
    word(device_keys_view, DeviceKeysKey::revoked_fleet, "fleet without keys"),
    word(grants_view, GrantsKey::end_of_device, "end of support for device"),
    word(grants_view, GrantsKey::end_of_fleet, "end of support for fleet"),
    word(grants_view, GrantsKey::device_by_end, "device by end of support"),
    word(grants_view, GrantsKey::fleet_by_end, "fleet by end of support"),
    word(inventory_view, InventoryKey::name, "names, group"),
    word(inventory_view, InventoryKey::uuid, "uuids, group"),
    word(inventory_view, InventoryKey::changed, "times of change, group"),
    word(inventory_view, InventoryKey::facts, "facts of device"),
    word(actions_view, ActionsKey::action, "action"),
    word(actions_view, ActionsKey::part, "part of action"),
    word(actions_view, ActionsKey::roll_up, "roll-up of command"),
    word(actions_view, ActionsKey::action_of_device, "action of device"),
    word(actions_view, ActionsKey::action_of_fleet, "action of fleet"),
    word(actions_view, ActionsKey::fleet_of_device, "fleet of device"),
    word(history_view, HistoryKey::block, "block of stream"),
    word(history_view, HistoryKey::last_at, "last event at time"),
    word(history_view, HistoryKey::slug_of_fleet, "fleet once called"),
    word(history_view, HistoryKey::life_of_uuid, "life of uuid"),
};

bool is_text(std::string_view bytes) {
  return !bytes.empty() && std::ranges::all_of(bytes, [](char c) { return c > ' ' && c <= '~'; });
}

std::string value_text(std::string_view bytes) {
  if (bytes.size() == sizeof(std::uint32_t)) {
    return fmt::format("{}", read_big_endian<std::uint32_t>(bytes));
  }
  return is_text(bytes) ? std::string(bytes) : to_hex(as_bytes(bytes));
}

}  // namespace

std::string text_of_key(std::string_view view, std::string_view key) {
  const auto known = std::ranges::find_if(key_words, [&](const KeyWord& each) {
    return each.view == view && !key.empty() && each.kind == key.front();
  });
  if (known == key_words.end()) return fmt::format("key {}", to_hex(as_bytes(key)));
  if (key.size() == 1) return std::string(known->words);
  return fmt::format("{} {}", known->words, value_text(key.substr(1)));
}

}  // namespace muster
