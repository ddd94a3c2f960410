#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/base/strong_id.h"
#include "core/base/uuid.h"
#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"

// The keys of the stored views: one byte that says what it is, then fixed-size parts whose byte
// order is their order, and at most one text, at the end. A change raises the version of the
// projections concerned.

namespace muster {

// Names of the views.
inline constexpr std::string_view registry_view = "registry";
inline constexpr std::string_view targets_view = "targets";
inline constexpr std::string_view idempotency_view = "idempotency";
inline constexpr std::string_view device_keys_view = "device-keys";
inline constexpr std::string_view grants_view = "grants";

/// What a key of the registry leads to: a row by id, or an id by something else.
enum class RegistryKey : char {
  last_event = 1,  // → time of the last event

  device_type = 0x10,  // id → row, as all of this group
  organisation,
  user,
  token,
  fleet,
  release,
  device,
  provisioning_key,
  saved_view,
  device_queue,
  fleet_actions,
  action_group,

  device_type_by_slug = 0x20,  // text → id
  organisation_by_handle,
  user_by_name,
  fleet_by_slug,
  token_by_secret_hash,             // digest → id
  device_by_uuid,                   // uuid → id
  release_of_fleet,                 // fleet, release → nothing
  provisioning_key_by_secret_hash,  // digest → id
  provisioning_key_of_fleet,        // fleet, key → nothing

  past = 0x40  // kind of row, id, age → the row as it was when that age began; see ages.h
};

/// What a key of the target lists leads to.
enum class TargetsKey : char {
  fleet_of_device = 1,  // device → fleet; of a deactivated one with a byte before it
  device_of_fleet,      // fleet, device → whether it has a pin of its own
  resting_of_fleet      // as device_of_fleet, for deactivated ones
};

/// What a key of the view of changed device keys leads to.
enum class DeviceKeysKey : char {
  keys_of_device = 1,  // device → newest generation, oldest good one
  revoked_fleet        // fleet → nothing: no key of its devices is good
};

/// What a key of the view of support access leads to.
enum class GrantsKey : char {
  end_of_device = 1,  // device → when its grant ends
  end_of_fleet,       // fleet → the same
  device_by_end,      // end, device → nothing
  fleet_by_end        // end, fleet → nothing
};

/// The kind of key under which rows of that type are stored.
template <typename Row>
inline constexpr RegistryKey row_key = RegistryKey{};
template <>
inline constexpr RegistryKey row_key<DeviceType> = RegistryKey::device_type;
template <>
inline constexpr RegistryKey row_key<Organisation> = RegistryKey::organisation;
template <>
inline constexpr RegistryKey row_key<User> = RegistryKey::user;
template <>
inline constexpr RegistryKey row_key<Token> = RegistryKey::token;
template <>
inline constexpr RegistryKey row_key<Fleet> = RegistryKey::fleet;
template <>
inline constexpr RegistryKey row_key<Release> = RegistryKey::release;
template <>
inline constexpr RegistryKey row_key<Device> = RegistryKey::device;
template <>
inline constexpr RegistryKey row_key<ProvisioningKey> = RegistryKey::provisioning_key;
template <>
inline constexpr RegistryKey row_key<SavedView> = RegistryKey::saved_view;
template <>
inline constexpr RegistryKey row_key<DeviceQueue> = RegistryKey::device_queue;
template <>
inline constexpr RegistryKey row_key<FleetActions> = RegistryKey::fleet_actions;
template <>
inline constexpr RegistryKey row_key<ActionGroup> = RegistryKey::action_group;

inline void append_part(std::string& key, RegistryKey kind) {
  key.push_back(static_cast<char>(kind));
}
inline void append_part(std::string& key, std::string_view text) { key.append(text); }
inline void append_part(std::string& key, const Uuid& uuid) { key.append(as_text(uuid.bytes)); }
inline void append_part(std::string& key, const Digest& digest) { key.append(as_text(digest)); }

/// From 1970 on.
inline void append_part(std::string& key, Timestamp time) {
  append_big_endian(key, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

template <typename Tag, std::unsigned_integral Rep>
void append_part(std::string& key, const StrongId<Tag, Rep>& id) {
  append_big_endian(key, id.value());
}

/// The key of that kind with these parts; a prefix of keys, if parts are left out.
template <typename Kind, typename... Parts>
  requires std::same_as<Kind, RegistryKey> || std::same_as<Kind, TargetsKey> ||
           std::same_as<Kind, DeviceKeysKey> || std::same_as<Kind, GrantsKey>
[[nodiscard]] std::string key_of(Kind kind, const Parts&... parts) {
  std::string key(1, static_cast<char>(kind));
  (append_part(key, parts), ...);
  return key;
}

/// An id as a value, or as the last part of a key.
template <typename Id>
[[nodiscard]] std::string id_bytes(Id id) {
  std::string bytes;
  append_part(bytes, id);
  return bytes;
}

/// The id at the end of `bytes`, which must be long enough.
template <typename Id>
[[nodiscard]] Id id_at_end(std::string_view bytes) {
  using Rep = std::remove_cvref_t<decltype(Id{}.value())>;
  return Id{read_big_endian<Rep>(bytes.substr(bytes.size() - sizeof(Rep)))};
}

}  // namespace muster
