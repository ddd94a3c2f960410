#include "projections/inventory/inventory_view.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/base/overloaded.h"
#include "projections/view_store.h"

namespace muster {
namespace {

// Some megabytes each.
constexpr std::size_t chunks_max = 30'000;
constexpr std::size_t groups_max = 20'000;
constexpr std::size_t few_max = 2'000;

std::string group_key(InventoryKey column, DeviceId device) {
  return block_key(term_of(column), device.value() / devices_per_group);
}

std::size_t place_of(DeviceId device) { return device.value() % devices_per_group; }

}  // namespace

InventoryView::InventoryView()
    : chunks_(chunks_max),
      times_(groups_max),
      names_(few_max),
      uuids_(few_max),
      facts_(groups_max) {}

std::string_view InventoryView::name() const { return inventory_view; }

void InventoryView::mark(ViewBatch& batch, std::string term, DeviceId device, bool member) {
  const auto key = block_key(std::move(term), device.value() / devices_per_chunk);
  chunks_.edit(batch, key).set(device.value(), member);
}

/// Takes the device from the term about `from` to that about `to`, and notes that in `from`.
void InventoryView::move(ViewBatch& batch, InventoryKey kind, DeviceId device, std::string& from,
                         const std::string& to) {
  if (from == to) return;
  mark(batch, term_of(kind, std::string_view(from)), device, false);
  mark(batch, term_of(kind, std::string_view(to)), device, true);
  from = to;
}

void InventoryView::untag(ViewBatch& batch, DeviceId device, DeviceFacts& facts,
                          std::string_view key) {
  const auto tag = std::ranges::find(facts.tags, key, &Tag::key);
  if (tag == facts.tags.end()) return;
  mark(batch, term_of(InventoryKey::tag_key, key), device, false);
  mark(batch, term_of(InventoryKey::tag, key, std::string_view(tag->value)), device, false);
  facts.tags.erase(tag);
}

DeviceFacts& InventoryView::facts_of(ViewBatch& batch, DeviceId device) {
  return facts_.edit(batch, term_of(InventoryKey::facts, device));
}

void InventoryView::changed_at(ViewBatch& batch, DeviceId device, Timestamp at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  times_.edit(batch, group_key(InventoryKey::changed, device)).seconds[place_of(device)] =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(seconds, 0, UINT32_MAX));
}

void InventoryView::fold(ViewBatch& batch, const Recorded& recorded, const DeviceRegistered& e) {
  mark(batch, term_of(InventoryKey::every), e.id, true);
  mark(batch, term_of(InventoryKey::fleet, e.fleet), e.id, true);
  mark(batch, term_of(InventoryKey::type, e.device_type), e.id, true);
  mark(batch, term_of(InventoryKey::lifecycle, to_string(Lifecycle::active)), e.id, true);
  mark(batch, term_of(InventoryKey::os_variant, to_string(OsVariant::unknown)), e.id, true);
  for (const auto kind : {InventoryKey::running, InventoryKey::os, InventoryKey::agent}) {
    mark(batch, term_of(kind, std::string_view()), e.id, true);
  }
  names_.edit(batch, group_key(InventoryKey::name, e.id)).names[place_of(e.id)] = e.name;
  uuids_.edit(batch, group_key(InventoryKey::uuid, e.id)).uuids[place_of(e.id)] = e.uuid;
  changed_at(batch, e.id, recorded.meta.at);
}

void InventoryView::fold(ViewBatch& batch, const Recorded& recorded, const DevicePinned& e) {
  if (e.previous_pin) {
    mark(batch, term_of(InventoryKey::pinned_to, *e.previous_pin), e.id, false);
  } else {
    mark(batch, term_of(InventoryKey::pinned), e.id, true);
  }
  mark(batch, term_of(InventoryKey::pinned_to, e.release), e.id, true);
  changed_at(batch, e.id, recorded.meta.at);
}

void InventoryView::fold(ViewBatch& batch, const Recorded& recorded, const DeviceTrackingFleet& e) {
  mark(batch, term_of(InventoryKey::pinned_to, e.previous_pin), e.id, false);
  mark(batch, term_of(InventoryKey::pinned), e.id, false);
  changed_at(batch, e.id, recorded.meta.at);
}

void InventoryView::fold(ViewBatch& batch, const Recorded& recorded, const DeviceMoved& e) {
  mark(batch, term_of(InventoryKey::fleet, e.from), e.id, false);
  mark(batch, term_of(InventoryKey::fleet, e.to), e.id, true);
  if (e.previous_pin) mark(batch, term_of(InventoryKey::pinned_to, *e.previous_pin), e.id, false);
  if (e.pin) mark(batch, term_of(InventoryKey::pinned_to, *e.pin), e.id, true);
  mark(batch, term_of(InventoryKey::pinned), e.id, e.pin.has_value());
  changed_at(batch, e.id, recorded.meta.at);
}

void InventoryView::fold(ViewBatch& batch, const Recorded& recorded,
                         const DeviceRunningChanged& e) {
  move(batch, InventoryKey::running, e.id, facts_of(batch, e.id).running, e.commit);
  changed_at(batch, e.id, recorded.meta.at);
}

void InventoryView::fold(ViewBatch& batch, const DeviceRenamed& e) {
  names_.edit(batch, group_key(InventoryKey::name, e.id)).names[place_of(e.id)] = e.name;
}

void InventoryView::fold(ViewBatch& batch, const DeviceTagged& e) {
  DeviceFacts& facts = facts_of(batch, e.id);
  for (const std::string& key : e.removed) untag(batch, e.id, facts, key);
  for (const Tag& tag : e.set) {
    untag(batch, e.id, facts, tag.key);
    mark(batch, term_of(InventoryKey::tag_key, std::string_view(tag.key)), e.id, true);
    mark(batch, term_of(InventoryKey::tag, std::string_view(tag.key), std::string_view(tag.value)),
         e.id, true);
    facts.tags.push_back(tag);
  }
}

void InventoryView::fold(ViewBatch& batch, const DeviceSoftwareChanged& e) {
  DeviceFacts& facts = facts_of(batch, e.id);
  move(batch, InventoryKey::os, e.id, facts.os, e.os_version);
  move(batch, InventoryKey::agent, e.id, facts.agent, e.agent_version);
  std::string variant(to_string(facts.os_variant));
  move(batch, InventoryKey::os_variant, e.id, variant, std::string(to_string(e.os_variant)));
  facts.os_variant = e.os_variant;
}

void InventoryView::fold(ViewBatch& batch, const DeviceTypeChanged& e) {
  mark(batch, term_of(InventoryKey::type, e.previous), e.id, false);
  mark(batch, term_of(InventoryKey::type, e.device_type), e.id, true);
}

/// Its other terms stay: whoever is deleted is in no list.
void InventoryView::fold(ViewBatch& batch, const DeviceDeleted& e) {
  if (e.previous_pin) mark(batch, term_of(InventoryKey::pinned_to, *e.previous_pin), e.id, false);
  mark(batch, term_of(InventoryKey::lifecycle, to_string(Lifecycle::active)), e.id, false);
  live(batch, e.id, Lifecycle::deactivated, Lifecycle::deleted);
}

void InventoryView::live(ViewBatch& batch, DeviceId device, Lifecycle from, Lifecycle to) {
  mark(batch, term_of(InventoryKey::lifecycle, to_string(from)), device, false);
  mark(batch, term_of(InventoryKey::lifecycle, to_string(to)), device, true);
}

void InventoryView::fold(ViewBatch& batch, const ReleaseCreated& e) {
  const auto key = [&](InventoryKey kind, std::string_view text) {
    return block_key(term_of(kind, text), e.id.value());
  };
  batch.put(key(InventoryKey::release_by_commit, e.commit), {});
  batch.put(key(InventoryKey::release_by_semver, e.semver), {});
}

void InventoryView::apply(ViewBatch& batch, const Recorded& recorded) {
  std::visit(Overloaded{
                 [&](const ReleaseCreated& e) { fold(batch, e); },
                 [&](const DeviceRegistered& e) { fold(batch, recorded, e); },
                 [&](const DeviceRenamed& e) { fold(batch, e); },
                 [&](const DeviceTagged& e) { fold(batch, e); },
                 [&](const DevicePinned& e) { fold(batch, recorded, e); },
                 [&](const DeviceTrackingFleet& e) { fold(batch, recorded, e); },
                 [&](const DeviceRunningChanged& e) { fold(batch, recorded, e); },
                 [&](const DeviceSoftwareChanged& e) { fold(batch, e); },
                 [&](const DeviceMoved& e) { fold(batch, recorded, e); },
                 [&](const DeviceTypeChanged& e) { fold(batch, e); },
                 [&](const DeviceDeactivated& e) {
                   live(batch, e.id, Lifecycle::active, Lifecycle::deactivated);
                 },
                 [&](const DeviceReactivated& e) {
                   live(batch, e.id, Lifecycle::deactivated, Lifecycle::active);
                 },
                 [&](const DeviceDeleted& e) { fold(batch, e); },
                 [](const auto&) {},  // All others say nothing that lists ask for.
             },
             recorded.event);
}

void InventoryView::finish(ViewBatch& batch) {
  chunks_.flush(batch);
  times_.flush(batch);
  names_.flush(batch);
  uuids_.flush(batch);
  facts_.flush(batch);
}

}  // namespace muster
