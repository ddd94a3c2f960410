#include "projections/registry.h"

#include <cstddef>
#include <utility>

#include "core/base/assert.h"
#include "core/domain/evolve.h"
#include "projections/history/past_key.h"
#include "projections/key_layout.h"
#include "projections/row_codec.h"
#include "projections/view_store.h"

namespace muster {
namespace {

/// So many rows of a kind may stay decoded: some 20 MB of devices.
constexpr std::size_t rows_kept_max = 50'000;

}  // namespace

template <typename Id, typename Row>
void RegistryRows::add(Rows<Id, Row>& rows, Row row) {
  const Id id = row.id;
  batch_->put(past_key<Row>(id, age_), {});
  rows.known.insert_or_assign(id, typename Rows<Id, Row>::Entry{std::move(row), true, age_});
  rows.changed.push_back(id);
}

template <typename Id, typename Row>
Row& RegistryRows::edit(Rows<Id, Row>& rows, Id id) {
  auto known = rows.known.find(id);
  if (known == rows.known.end()) {
    const auto bytes = batch_->get(key_of(row_key<Row>, id));
    MUSTER_ASSERT(bytes.has_value(), "an event is about an entity that exists");
    auto row = decode_row<Row>(*bytes);
    if (!row) batch_->end_damaged(row.error().message);
    known = rows.known.emplace(id, typename Rows<Id, Row>::Entry{std::move(*row)}).first;
  }
  auto& entry = known->second;
  if (entry.kept != age_) keep<Id, Row>(id, entry);
  if (!entry.changed) rows.changed.push_back(id);
  entry.changed = true;
  return entry.row;
}

template <typename Id, typename Row>
void RegistryRows::keep(Id id, typename Rows<Id, Row>::Entry& entry) {
  const auto key = past_key<Row>(id, age_);
  if (!batch_->get(key)) batch_->put(key, encode_row(entry.row));
  entry.kept = age_;
}

template <typename Id, typename Row>
Row& RegistryRows::obtain(Rows<Id, Row>& rows, Id id) {
  const bool exists = rows.known.contains(id) || batch_->get(key_of(row_key<Row>, id)).has_value();
  if (!exists) {
    Row row;
    row.id = id;
    add(rows, std::move(row));
  }
  return edit(rows, id);
}

template <typename Id, typename Row>
void RegistryRows::flush(Rows<Id, Row>& rows) {
  for (const Id id : rows.changed) {
    auto& entry = rows.known.at(id);
    batch_->put(key_of(row_key<Row>, id), encode_row(entry.row));
    entry.changed = false;
  }
  rows.changed.clear();
  if (rows.known.size() > rows_kept_max) rows.known.clear();
}

void RegistryRows::flush() {
  flush(device_types_);
  flush(organisations_);
  flush(users_);
  flush(tokens_);
  flush(fleets_);
  flush(releases_);
  flush(devices_);
  flush(provisioning_keys_);
  flush(saved_views_);
  flush(device_queues_);
  flush(fleet_actions_);
  flush(action_groups_);
  batch_ = nullptr;
}

void RegistryRows::add(DeviceType row) {
  batch_->put(key_of(RegistryKey::device_type_by_slug, row.slug), id_bytes(row.id));
  add(device_types_, std::move(row));
}

void RegistryRows::add(Organisation row) {
  batch_->put(key_of(RegistryKey::organisation_by_handle, row.handle), id_bytes(row.id));
  add(organisations_, std::move(row));
}

void RegistryRows::add(User row) {
  if (row.username != erased_text) {
    batch_->put(key_of(RegistryKey::user_by_name, row.username), id_bytes(row.id));
  }
  add(users_, std::move(row));
}

void RegistryRows::add(Token row) {
  batch_->put(key_of(RegistryKey::token_by_secret_hash, row.secret_hash), id_bytes(row.id));
  add(tokens_, std::move(row));
}

void RegistryRows::add(Fleet row) {
  batch_->put(key_of(RegistryKey::fleet_by_slug, row.slug), id_bytes(row.id));
  add(fleets_, std::move(row));
}

void RegistryRows::add(Release row) {
  batch_->put(key_of(RegistryKey::release_of_fleet, row.fleet, row.id), {});
  add(releases_, std::move(row));
}

void RegistryRows::add(Device row) {
  batch_->put(key_of(RegistryKey::device_by_uuid, row.uuid), id_bytes(row.id));
  add(devices_, std::move(row));
}

void RegistryRows::add(ProvisioningKey row) {
  batch_->put(key_of(RegistryKey::provisioning_key_by_secret_hash, row.secret_hash),
              id_bytes(row.id));
  batch_->put(key_of(RegistryKey::provisioning_key_of_fleet, row.fleet, row.id), {});
  add(provisioning_keys_, std::move(row));
}

void RegistryRows::add(SavedView row) { add(saved_views_, std::move(row)); }

void RegistryRows::lead_slug(const std::string& slug, std::optional<FleetId> fleet) {
  const auto key = key_of(RegistryKey::fleet_by_slug, slug);
  if (fleet) {
    batch_->put(key, id_bytes(*fleet));
  } else {
    batch_->erase(key);
  }
}

void RegistryRows::forget_username(const std::string& username) {
  batch_->erase(key_of(RegistryKey::user_by_name, username));
}

Organisation& RegistryRows::edit(OrganisationId id) { return edit(organisations_, id); }
User& RegistryRows::edit(UserId id) { return edit(users_, id); }
Token& RegistryRows::edit(TokenId id) { return edit(tokens_, id); }
Fleet& RegistryRows::edit(FleetId id) { return edit(fleets_, id); }
Release& RegistryRows::edit(ReleaseId id) { return edit(releases_, id); }
Device& RegistryRows::edit(DeviceId id) { return edit(devices_, id); }
ProvisioningKey& RegistryRows::edit(ProvisioningKeyId id) { return edit(provisioning_keys_, id); }
SavedView& RegistryRows::edit(SavedViewId id) { return edit(saved_views_, id); }

DeviceQueue& RegistryRows::queue_of(DeviceId id) { return obtain(device_queues_, id); }
FleetActions& RegistryRows::actions_of(FleetId id) { return obtain(fleet_actions_, id); }
ActionGroup& RegistryRows::action_group(Sequence id) { return obtain(action_groups_, id); }

std::string_view RegistryView::name() const { return registry_view; }

void RegistryView::apply(ViewBatch& batch, const Recorded& recorded) {
  rows_.use(batch, ages_.of(recorded.sequence));
  evolve(rows_, recorded);
  last_event_ = recorded.meta.at;
}

void RegistryView::finish(ViewBatch& batch) {
  rows_.flush();
  const auto ticks = static_cast<std::uint64_t>(last_event_.time_since_epoch().count());
  std::string value;
  append_big_endian(value, ticks);
  batch.put(key_of(RegistryKey::last_event), value);
}

}  // namespace muster
