#include "core/domain/state.h"

#include <utility>

#include "core/base/assert.h"

namespace muster {
namespace {

template <typename Row, typename Id>
const Row* row_of(const RowDeque<Row>& rows, Id id) {
  if (id.value() == 0 || id.value() > rows.size()) return nullptr;
  return &rows[id.value() - 1];
}

template <typename Row, typename Id>
Row& existing_row(RowDeque<Row>& rows, Id id) {
  MUSTER_ASSERT(row_of(rows, id) != nullptr, "an event is about an entity that exists");
  return rows[id.value() - 1];
}

template <typename Row>
void append_row(RowDeque<Row>& rows, Row row) {
  MUSTER_ASSERT(row.id.value() == rows.size() + 1, "ids are dense from 1");
  rows.push_back(std::move(row));
}

template <typename Rows, typename Map, typename Key>
auto find_by(const Rows& rows, const Map& ids, const Key& key) {
  const auto found = ids.find(key);
  return found == ids.end() ? nullptr : row_of(rows, found->second);
}

template <typename Id, typename Row>
Id next_id(const RowDeque<Row>& rows) {
  return Id{static_cast<std::uint32_t>(rows.size() + 1)};
}

}  // namespace

void State::add(DeviceType row) {
  device_type_by_slug_.emplace(row.slug, row.id);
  append_row(device_types_, std::move(row));
}

void State::add(Organisation row) {
  organisation_by_handle_.emplace(row.handle, row.id);
  append_row(organisations_, std::move(row));
}

void State::add(User row) {
  if (row.username != erased_text) user_by_name_.emplace(row.username, row.id);
  append_row(users_, std::move(row));
}

void State::add(Token row) { append_row(tokens_, std::move(row)); }

void State::add(Fleet row) {
  if (!row.is_deleted()) fleet_by_slug_.emplace(row.slug, row.id);
  append_row(fleets_, std::move(row));
  releases_by_fleet_.emplace_back();
}

void State::add(Release row) {
  MUSTER_ASSERT(find(row.fleet) != nullptr, "a release is of a fleet that exists");
  releases_by_fleet_[row.fleet.value() - 1].push_back(row.id);
  releases_by_commit_.emplace(row.commit, row.id);
  append_row(releases_, std::move(row));
}

void State::add(Device row) {
  device_by_uuid_.insert_or_assign(row.uuid, row.id);
  append_row(devices_, std::move(row));
}

void State::add(ProvisioningKey row) {
  MUSTER_ASSERT(find(row.fleet) != nullptr, "a provisioning key is of a fleet that exists");
  append_row(provisioning_keys_, std::move(row));
}

void State::add(SavedView row) { append_row(saved_views_, std::move(row)); }

void State::lead_slug(const std::string& slug, std::optional<FleetId> fleet) {
  fleet_by_slug_.erase(slug);
  if (fleet) fleet_by_slug_.emplace(slug, *fleet);
}

void State::forget_username(const std::string& username) { user_by_name_.erase(username); }

Organisation& State::edit(OrganisationId id) { return existing_row(organisations_, id); }
User& State::edit(UserId id) { return existing_row(users_, id); }
Token& State::edit(TokenId id) { return existing_row(tokens_, id); }
Fleet& State::edit(FleetId id) { return existing_row(fleets_, id); }
Release& State::edit(ReleaseId id) { return existing_row(releases_, id); }
Device& State::edit(DeviceId id) { return existing_row(devices_, id); }
ProvisioningKey& State::edit(ProvisioningKeyId id) { return existing_row(provisioning_keys_, id); }
SavedView& State::edit(SavedViewId id) { return existing_row(saved_views_, id); }

const DeviceType* State::find(DeviceTypeId id) const { return row_of(device_types_, id); }
const Organisation* State::find(OrganisationId id) const { return row_of(organisations_, id); }
const User* State::find(UserId id) const { return row_of(users_, id); }
const Token* State::find(TokenId id) const { return row_of(tokens_, id); }
const Fleet* State::find(FleetId id) const { return row_of(fleets_, id); }
const Release* State::find(ReleaseId id) const { return row_of(releases_, id); }
const Device* State::find(DeviceId id) const { return row_of(devices_, id); }
const ProvisioningKey* State::find(ProvisioningKeyId id) const {
  return row_of(provisioning_keys_, id);
}
const SavedView* State::find(SavedViewId id) const { return row_of(saved_views_, id); }

const DeviceType* State::find_device_type(std::string_view slug) const {
  return find_by(device_types_, device_type_by_slug_, slug);
}
const Organisation* State::find_organisation(std::string_view handle) const {
  return find_by(organisations_, organisation_by_handle_, handle);
}
const User* State::find_user(std::string_view username) const {
  return find_by(users_, user_by_name_, username);
}
const Fleet* State::find_fleet(std::string_view slug) const {
  return find_by(fleets_, fleet_by_slug_, slug);
}
const Device* State::find_device(const Uuid& uuid) const {
  return find_by(devices_, device_by_uuid_, uuid);
}

const std::vector<ReleaseId>& State::releases_of(FleetId fleet) const {
  MUSTER_ASSERT(find(fleet) != nullptr, "releases are asked of a fleet that exists");
  return releases_by_fleet_[fleet.value() - 1];
}

std::vector<ReleaseId> State::releases_at(std::string_view commit) const {
  std::vector<ReleaseId> releases;
  const auto [first, last] = releases_by_commit_.equal_range(commit);
  for (auto it = first; it != last; ++it) releases.push_back(it->second);
  return releases;
}

DeviceTypeId State::next_device_type() const { return next_id<DeviceTypeId>(device_types_); }
OrganisationId State::next_organisation() const { return next_id<OrganisationId>(organisations_); }
UserId State::next_user() const { return next_id<UserId>(users_); }
TokenId State::next_token() const { return next_id<TokenId>(tokens_); }
FleetId State::next_fleet() const { return next_id<FleetId>(fleets_); }
ReleaseId State::next_release() const { return next_id<ReleaseId>(releases_); }
DeviceId State::next_device() const { return next_id<DeviceId>(devices_); }
ProvisioningKeyId State::next_provisioning_key() const {
  return next_id<ProvisioningKeyId>(provisioning_keys_);
}
SavedViewId State::next_saved_view() const { return next_id<SavedViewId>(saved_views_); }

}  // namespace muster
