#include "projections/reader.h"

#include <algorithm>
#include <utility>

#include "core/base/hex.h"
#include "projections/inventory/index.h"
#include "projections/key_layout.h"
#include "projections/row_codec.h"

namespace muster {
namespace {

template <typename Row>
Row row_of(const ViewSnapshot& snapshot, std::string_view bytes) {
  auto row = decode_row<Row>(bytes);
  if (!row) snapshot.end_damaged(row.error().message);
  return std::move(*row);
}

template <typename Row, typename Id>
std::optional<Row> find_row(const ViewSnapshot& snapshot, Id id) {
  const auto bytes = snapshot.get(registry_view, key_of(row_key<Row>, id));
  if (!bytes) return std::nullopt;
  return row_of<Row>(snapshot, *bytes);
}

/// The row that the index entry at `key` leads to.
template <typename Row>
std::optional<Row> find_by(const ViewSnapshot& snapshot, const std::string& key) {
  using Id = decltype(Row::id);
  const auto id = snapshot.get(registry_view, key);
  if (!id) return std::nullopt;
  return find_row<Row>(snapshot, id_at_end<Id>(*id));
}

template <typename Row>
void each_row(const ViewSnapshot& snapshot, decltype(Row::id) after,
              const std::function<bool(const Row&)>& sink) {
  if (after == decltype(Row::id){UINT32_MAX}) return;
  const auto prefix = key_of(row_key<Row>);
  const auto from = key_of(row_key<Row>, next(after));
  snapshot.scan(registry_view, {prefix, from}, [&](std::string_view, std::string_view value) {
    return sink(row_of<Row>(snapshot, value));
  });
}

/// The smallest uuid that starts with `prefix`.
Uuid first_uuid(std::string_view prefix) {
  std::string digits(prefix);
  digits.resize(2 * Uuid{}.bytes.size(), '0');
  return parse_uuid(digits).value_or(Uuid{});
}

}  // namespace

Reader::Reader(const ViewStore& store) : snapshot_(store) {}

Sequence Reader::position() const {
  if (!position_) position_ = snapshot_.position(registry_view);
  return *position_;
}

std::optional<Uuid> Reader::find_uuid(DeviceId id) const {
  const auto bytes = snapshot_.get(registry_view, key_of(row_key<Device>, id));
  if (!bytes) return std::nullopt;
  const auto uuid = decode_uuid_of_device(*bytes);
  if (!uuid) snapshot_.end_damaged(uuid.error().message);
  return *uuid;
}

std::optional<DeviceType> Reader::find(DeviceTypeId id) const {
  return find_row<DeviceType>(snapshot_, id);
}
std::optional<Organisation> Reader::find(OrganisationId id) const {
  return find_row<Organisation>(snapshot_, id);
}
std::optional<User> Reader::find(UserId id) const { return find_row<User>(snapshot_, id); }
std::optional<Token> Reader::find(TokenId id) const { return find_row<Token>(snapshot_, id); }
std::optional<Fleet> Reader::find(FleetId id) const { return find_row<Fleet>(snapshot_, id); }
std::optional<Release> Reader::find(ReleaseId id) const { return find_row<Release>(snapshot_, id); }
std::optional<Device> Reader::find(DeviceId id) const { return find_row<Device>(snapshot_, id); }
std::optional<SavedView> Reader::find(SavedViewId id) const {
  return find_row<SavedView>(snapshot_, id);
}

std::vector<std::optional<Device>> Reader::find_all(std::span<const DeviceId> ids) const {
  std::vector<std::string> keys;
  keys.reserve(ids.size());
  for (const DeviceId id : ids) keys.push_back(key_of(row_key<Device>, id));
  std::vector<std::optional<Device>> rows;
  rows.reserve(ids.size());
  for (const auto& bytes : snapshot_.get_all(registry_view, keys)) {
    rows.push_back(bytes ? std::optional(row_of<Device>(snapshot_, *bytes)) : std::nullopt);
  }
  return rows;
}

std::optional<ProvisioningKey> Reader::find(ProvisioningKeyId id) const {
  return find_row<ProvisioningKey>(snapshot_, id);
}

std::optional<DeviceQueue> Reader::find_queue(DeviceId id) const {
  return find_row<DeviceQueue>(snapshot_, id);
}

std::optional<FleetActions> Reader::find_actions(FleetId id) const {
  return find_row<FleetActions>(snapshot_, id);
}

std::optional<DeviceType> Reader::find_device_type(std::string_view slug) const {
  return find_by<DeviceType>(snapshot_, key_of(RegistryKey::device_type_by_slug, slug));
}
std::optional<Organisation> Reader::find_organisation(std::string_view handle) const {
  return find_by<Organisation>(snapshot_, key_of(RegistryKey::organisation_by_handle, handle));
}
std::optional<User> Reader::find_user(std::string_view username) const {
  return find_by<User>(snapshot_, key_of(RegistryKey::user_by_name, username));
}
std::optional<Token> Reader::find_token(const Digest& secret_hash) const {
  return find_by<Token>(snapshot_, key_of(RegistryKey::token_by_secret_hash, secret_hash));
}
std::optional<Fleet> Reader::find_fleet(std::string_view slug) const {
  return find_by<Fleet>(snapshot_, key_of(RegistryKey::fleet_by_slug, slug));
}
std::optional<Device> Reader::find_device(const Uuid& uuid) const {
  return find_by<Device>(snapshot_, key_of(RegistryKey::device_by_uuid, uuid));
}

std::optional<ProvisioningKey> Reader::find_provisioning_key(const Digest& secret_hash) const {
  return find_by<ProvisioningKey>(
      snapshot_, key_of(RegistryKey::provisioning_key_by_secret_hash, secret_hash));
}

void Reader::each_device_with(std::string_view prefix,
                              const std::function<bool(DeviceId)>& sink) const {
  if (!is_lower_hex(prefix) || prefix.size() > 2 * Uuid{}.bytes.size()) return;
  const auto all = key_of(RegistryKey::device_by_uuid);
  const auto from = key_of(RegistryKey::device_by_uuid, first_uuid(prefix));
  snapshot_.scan(registry_view, {all, from}, [&](std::string_view key, std::string_view id) {
    const bool fits = to_hex(as_bytes(key.substr(all.size()))).starts_with(prefix);
    return fits && sink(id_at_end<DeviceId>(id));
  });
}

void Reader::each_device_type(const std::function<bool(const DeviceType&)>& sink) const {
  each_row<DeviceType>(snapshot_, {}, sink);
}
void Reader::each_organisation(const std::function<bool(const Organisation&)>& sink) const {
  each_row<Organisation>(snapshot_, {}, sink);
}
void Reader::each_user(const std::function<bool(const User&)>& sink) const {
  each_row<User>(snapshot_, {}, sink);
}
void Reader::each_token(const std::function<bool(const Token&)>& sink) const {
  each_row<Token>(snapshot_, {}, sink);
}
void Reader::each_fleet(const std::function<bool(const Fleet&)>& sink) const {
  each_row<Fleet>(snapshot_, {}, sink);
}
void Reader::each_release(const std::function<bool(const Release&)>& sink) const {
  each_row<Release>(snapshot_, {},
                    [&](const Release& release) { return release.deleted || sink(release); });
}
void Reader::each_saved_view(const std::function<bool(const SavedView&)>& sink) const {
  each_row<SavedView>(snapshot_, {},
                      [&](const SavedView& view) { return view.removed || sink(view); });
}
void Reader::each_device(DeviceId after, const std::function<bool(const Device&)>& sink) const {
  each_row<Device>(snapshot_, after, sink);
}

std::vector<Release> Reader::releases_of(FleetId fleet) const {
  std::vector<Release> releases;
  const auto prefix = key_of(RegistryKey::release_of_fleet, fleet);
  snapshot_.scan(registry_view, {prefix}, [&](std::string_view key, std::string_view) {
    auto release = find(id_at_end<ReleaseId>(key));
    if (release && !release->deleted) releases.push_back(std::move(*release));
    return true;
  });
  std::ranges::reverse(releases);
  return releases;
}

void Reader::each_device_of(FleetId fleet, DeviceId after, const DeviceSink& sink) const {
  if (after == DeviceId{UINT32_MAX}) return;
  const auto prefix = key_of(TargetsKey::device_of_fleet, fleet);
  const auto from = key_of(TargetsKey::device_of_fleet, fleet, next(after));
  snapshot_.scan(targets_view, {prefix, from}, [&](std::string_view key, std::string_view pinned) {
    return sink(id_at_end<DeviceId>(key), pinned == "\1");
  });
}

void Reader::each_device_pinned_to(ReleaseId release,
                                   const std::function<bool(DeviceId)>& sink) const {
  InventoryIndex(snapshot_)
      .devices(term_of(InventoryKey::pinned_to, release))
      .each([&](DeviceId id) { return sink(id); });
}

void Reader::each_provisioning_key_of(
    FleetId fleet, const std::function<bool(const ProvisioningKey&)>& sink) const {
  const auto prefix = key_of(RegistryKey::provisioning_key_of_fleet, fleet);
  snapshot_.scan(registry_view, {prefix}, [&](std::string_view key, std::string_view) {
    const auto row = find(id_at_end<ProvisioningKeyId>(key));
    return !row || sink(*row);
  });
}

void Reader::each_device_with_new_keys(const DeviceKeysSink& sink) const {
  const auto prefix = key_of(DeviceKeysKey::keys_of_device);
  snapshot_.scan(device_keys_view, {prefix}, [&](std::string_view key, std::string_view value) {
    const auto keys = decode_device_keys(value);
    if (!keys) snapshot_.end_damaged(keys.error().message);
    return sink(id_at_end<DeviceId>(key), *keys);
  });
}

void Reader::each_resting_device_of(FleetId fleet, const DeviceSink& sink) const {
  const auto prefix = key_of(TargetsKey::resting_of_fleet, fleet);
  snapshot_.scan(targets_view, {prefix}, [&](std::string_view key, std::string_view pinned) {
    return sink(id_at_end<DeviceId>(key), pinned == "\1");
  });
}

void Reader::each_revoked_fleet(const std::function<bool(FleetId)>& sink) const {
  const auto prefix = key_of(DeviceKeysKey::revoked_fleet);
  snapshot_.scan(device_keys_view, {prefix}, [&](std::string_view key, std::string_view) {
    return sink(id_at_end<FleetId>(key));
  });
}

std::optional<DeviceKeys> Reader::new_keys_of(DeviceId id) const {
  const auto value = snapshot_.get(device_keys_view, key_of(DeviceKeysKey::keys_of_device, id));
  if (!value) return std::nullopt;
  const auto keys = decode_device_keys(*value);
  if (!keys) snapshot_.end_damaged(keys.error().message);
  return *keys;
}

std::uint32_t Reader::devices_targeting(const Release& release) const {
  const auto fleet = find(release.fleet);
  const bool followed = fleet && fleet->target == release.id;
  return release.pinned_devices + (followed ? fleet->devices - fleet->pinned_devices : 0);
}

}  // namespace muster
