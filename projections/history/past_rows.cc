#include "projections/history/past_rows.h"

#include <optional>
#include <type_traits>
#include <utility>

#include "core/base/assert.h"
#include "core/domain/organisation_events.h"
#include "projections/history/past_key.h"
#include "projections/key_layout.h"
#include "projections/row_codec.h"

namespace muster {

/// What was kept of before an erasure reads as it does now. The files have it until the views are
/// made anew.
bool PastRows::is_erased(UserId id) const {
  const auto bytes = snapshot_.get(registry_view, key_of(row_key<User>, id));
  const auto user = bytes ? decode_row<User>(*bytes) : Result<User>(User{});
  return user && user->erased;
}

template <typename Row>
void PastRows::veil([[maybe_unused]] Row& row) const {
  if constexpr (std::is_same_v<Row, User>) {
    if (is_erased(row.id)) row.username = erased_text;
  } else if constexpr (requires { row.note_author; }) {
    if (row.note_author != UserId{} && is_erased(row.note_author)) row.note = erased_text;
  }
}

/// What was kept first since the age began is what the row was then; a row of which nothing was
/// kept since has not changed.
template <typename Row>
std::unique_ptr<Row> PastRows::load(decltype(Row::id) id) const {
  std::optional<std::string> bytes;
  const auto all = past_key<Row>(id);
  snapshot_.scan(registry_view, {all, past_key<Row>(id, age_)},
                 [&](std::string_view, std::string_view value) {
                   bytes = value;
                   return false;
                 });
  if (!bytes) bytes = snapshot_.get(registry_view, key_of(row_key<Row>, id));
  if (!bytes || bytes->empty()) return nullptr;
  auto row = decode_row<Row>(*bytes);
  if (!row) snapshot_.end_damaged(row.error().message);
  veil(*row);
  return std::make_unique<Row>(*std::move(row));
}

template <typename Row>
Row* PastRows::Rows<Row>::find(const PastRows& past, Id id) {
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second.get();
  return known_.emplace(id, past.load<Row>(id)).first->second.get();
}

template <typename Row>
Row& PastRows::Rows<Row>::edit(const PastRows& past, Id id) {
  Row* row = find(past, id);
  MUSTER_ASSERT(row != nullptr, "an event is about an entity that exists");
  return *row;
}

template <typename Row>
Row& PastRows::Rows<Row>::obtain(const PastRows& past, Id id) {
  if (Row* row = find(past, id)) return *row;
  Row row;
  row.id = id;
  add(std::move(row));
  return *known_.at(id);
}

template <typename Row>
void PastRows::Rows<Row>::add(Row row) {
  const Id id = row.id;
  known_.insert_or_assign(id, std::make_unique<Row>(std::move(row)));
}

const DeviceType* PastRows::find(DeviceTypeId id) { return device_types_.find(*this, id); }
const Organisation* PastRows::find(OrganisationId id) { return organisations_.find(*this, id); }
const User* PastRows::find(UserId id) { return users_.find(*this, id); }
const Fleet* PastRows::find(FleetId id) { return fleets_.find(*this, id); }
const Release* PastRows::find(ReleaseId id) { return releases_.find(*this, id); }
const Device* PastRows::find(DeviceId id) { return devices_.find(*this, id); }
const DeviceQueue* PastRows::find_queue(DeviceId id) { return device_queues_.find(*this, id); }
const FleetActions* PastRows::find_actions(FleetId id) { return fleet_actions_.find(*this, id); }

void PastRows::add(DeviceType row) { device_types_.add(std::move(row)); }
void PastRows::add(Organisation row) { organisations_.add(std::move(row)); }
void PastRows::add(User row) { users_.add(std::move(row)); }
void PastRows::add(Token row) { tokens_.add(std::move(row)); }
void PastRows::add(Fleet row) { fleets_.add(std::move(row)); }
void PastRows::add(Release row) { releases_.add(std::move(row)); }
void PastRows::add(Device row) { devices_.add(std::move(row)); }
void PastRows::add(ProvisioningKey row) { provisioning_keys_.add(std::move(row)); }
void PastRows::add(SavedView row) { saved_views_.add(std::move(row)); }
void PastRows::lead_slug(const std::string&, std::optional<FleetId>) {}
void PastRows::forget_username(const std::string&) {}

Organisation& PastRows::edit(OrganisationId id) { return organisations_.edit(*this, id); }
User& PastRows::edit(UserId id) { return users_.edit(*this, id); }
Token& PastRows::edit(TokenId id) { return tokens_.edit(*this, id); }
Fleet& PastRows::edit(FleetId id) { return fleets_.edit(*this, id); }
Release& PastRows::edit(ReleaseId id) { return releases_.edit(*this, id); }
Device& PastRows::edit(DeviceId id) { return devices_.edit(*this, id); }
ProvisioningKey& PastRows::edit(ProvisioningKeyId id) { return provisioning_keys_.edit(*this, id); }
SavedView& PastRows::edit(SavedViewId id) { return saved_views_.edit(*this, id); }

DeviceQueue& PastRows::queue_of(DeviceId id) { return device_queues_.obtain(*this, id); }
FleetActions& PastRows::actions_of(FleetId id) { return fleet_actions_.obtain(*this, id); }
ActionGroup& PastRows::action_group(Sequence id) { return action_groups_.obtain(*this, id); }

}  // namespace muster
