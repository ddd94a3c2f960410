#include "projections/history/concerns.h"

#include <algorithm>
#include <utility>

#include "core/base/overloaded.h"
#include "projections/history/keys.h"

namespace muster {
namespace {

constexpr std::size_t devices_kept_max = 100'000;

template <typename Owner, typename Id>
Owner owner_of(const ViewBatch& batch, HistoryKey kind, Id id) {
  const auto bytes = batch.get(history_key(kind, id));
  if (!bytes) batch.end_damaged("an owner is missing in the view of history");
  return id_at_end<Owner>(*bytes);
}

template <typename Id, typename Owner>
void own(ViewBatch& batch, HistoryKey kind, Id id, Owner owner) {
  batch.put(history_key(kind, id), id_bytes(owner));
}

Concern in(const Stream& stream, FleetId fleet) {
  return {.stream = stream, .fleet = fleet, .organisation = {}};
}

Concern in(const Stream& stream, OrganisationId organisation) {
  return {.stream = stream, .fleet = {}, .organisation = organisation};
}

/// Collects the streams of one event.
class Sorter {
 public:
  Sorter(const ViewBatch& batch, Owners& owners) : batch_(batch), owners_(owners) {}

  /// The stream of what the event is about.
  void subject(const Subject& subject) {
    switch (subject.kind) {
      case EntityKind::device:
        return device(DeviceId{subject.id});
      case EntityKind::fleet:
        return fleet(FleetId{subject.id});
      case EntityKind::release:
        return fleet(owned<FleetId>(HistoryKey::fleet_of_release, ReleaseId{subject.id}));
      case EntityKind::provisioning_key:
        return fleet(
            owned<FleetId>(HistoryKey::fleet_of_provisioning_key, ProvisioningKeyId{subject.id}));
      case EntityKind::organisation:
        return organisation(OrganisationId{subject.id});
      case EntityKind::user:
        return user(UserId{subject.id});
      case EntityKind::token:
        return user(owned<UserId>(HistoryKey::user_of_token, TokenId{subject.id}));
      case EntityKind::saved_view:
        return user(owned<UserId>(HistoryKey::owner_of_view, SavedViewId{subject.id}));
      case EntityKind::log:
      case EntityKind::device_type:
        return;
    }
  }

  // Whom else it concerns. How devices come to a fleet, go, and differ from it, is of the fleet.
  void others(const DeviceRegistered& e) { crew(e.fleet); }
  void others(const DeviceMoved& e) {
    crew(e.from);
    crew(e.to);
  }
  void others(const DevicePinned& e) { crew_of_device(e.id); }
  void others(const DeviceTrackingFleet& e) { crew_of_device(e.id); }
  void others(const DeviceDeactivated& e) {
    crew_of_device(e.id);
    add(Concern{.stream = stream_of(e.organisation),
                .fleet = owners_.fleet_of(batch_, e.id),
                .organisation = {}});
  }
  void others(const DeviceReactivated& e) { crew_of_device(e.id); }
  void others(const DeviceDeleted& e) { crew_of_device(e.id); }
  void others(const ActionSkipped& e) {
    for (const DeviceId id : e.devices) device(id);
  }
  void others(const NotesErased& e) {
    for (const DeviceId id : e.devices) device(id);
    for (const ReleaseId id : e.releases) {
      fleet(owned<FleetId>(HistoryKey::fleet_of_release, id));
    }
  }
  void others(const FleetCreated& e) { add(in(stream_of(e.organisation), e.id)); }
  void others(const FleetRenamed& e) { organisation_of(e.fleet); }
  void others(const FleetDeleted& e) { organisation_of(e.fleet); }
  void others(const FleetTransferred& e) {
    add(in(stream_of(e.previous_organisation), e.fleet));
    add(in(stream_of(e.organisation), e.fleet));
    fleet(e.placeholder);
    add(in(stream_of(e.leaver), e.fleet));
  }
  void others(const FleetMemberSet& e) { add(in(stream_of(e.user), e.fleet)); }
  void others(const FleetMemberRemoved& e) { add(in(stream_of(e.user), e.fleet)); }
  void others(const OrganisationCreated& e) { add(in(stream_of(e.administrator), e.id)); }
  void others(const OrganisationMemberSet& e) { add(in(stream_of(e.user), e.organisation)); }
  void others(const OrganisationMemberRemoved& e) { add(in(stream_of(e.user), e.organisation)); }

  [[nodiscard]] std::vector<Concern> take() { return std::move(concerns_); }

 private:
  template <typename Owner, typename Id>
  Owner owned(HistoryKey kind, Id id) {
    return owner_of<Owner>(batch_, kind, id);
  }

  void add(const Concern& concern) {
    const bool known =
        std::ranges::find(concerns_, concern.stream, &Concern::stream) != concerns_.end();
    if (!known) concerns_.push_back(concern);
  }
  void device(DeviceId id) { add(in(stream_of(id), owners_.fleet_of(batch_, id))); }
  void fleet(FleetId id) { add(in(stream_of(id), id)); }
  void crew(FleetId id) { add(in(muster::crew_of(id), id)); }
  void crew_of_device(DeviceId id) { crew(owners_.fleet_of(batch_, id)); }
  void organisation(OrganisationId id) { add(in(stream_of(id), id)); }
  void organisation_of(FleetId id) {
    add(in(stream_of(owned<OrganisationId>(HistoryKey::organisation_of_fleet, id)), id));
  }
  void user(UserId id) { add(in(stream_of(id), OrganisationId{})); }

  const ViewBatch& batch_;
  Owners& owners_;
  std::vector<Concern> concerns_;
};

}  // namespace

void Owners::learn(ViewBatch& batch, const Event& event) {
  std::visit(
      Overloaded{
          [&](const DeviceRegistered& e) { live_in(batch, e.id, e.fleet); },
          [&](const DeviceMoved& e) { live_in(batch, e.id, e.to); },
          [&](const ReleaseCreated& e) { own(batch, HistoryKey::fleet_of_release, e.id, e.fleet); },
          [&](const ProvisioningKeyIssued& e) {
            own(batch, HistoryKey::fleet_of_provisioning_key, e.id, e.fleet);
          },
          [&](const FleetCreated& e) {
            own(batch, HistoryKey::organisation_of_fleet, e.id, e.organisation);
          },
          [&](const FleetTransferred& e) {
            own(batch, HistoryKey::organisation_of_fleet, e.fleet, e.organisation);
          },
          [&](const TokenIssued& e) { own(batch, HistoryKey::user_of_token, e.id, e.user); },
          [&](const SavedViewCreated& e) { own(batch, HistoryKey::owner_of_view, e.id, e.owner); },
          [](const auto&) {},  // All others change no owner.
      },
      event);
}

void Owners::live_in(ViewBatch& batch, DeviceId device, FleetId fleet) {
  own(batch, HistoryKey::fleet_of_device, device, fleet);
  fleets_.insert_or_assign(device, fleet);
}

FleetId Owners::fleet_of(const ViewBatch& batch, DeviceId device) {
  if (const auto known = fleets_.find(device); known != fleets_.end()) return known->second;
  if (fleets_.size() >= devices_kept_max) fleets_.clear();
  const auto fleet = owner_of<FleetId>(batch, HistoryKey::fleet_of_device, device);
  return fleets_.emplace(device, fleet).first->second;
}

std::vector<Concern> concerns_of(const Event& event, const ViewBatch& batch, Owners& owners) {
  Sorter sorter(batch, owners);
  sorter.subject(subject_of(event));
  std::visit(
      [&](const auto& e) {
        if constexpr (requires { sorter.others(e); }) sorter.others(e);
      },
      event);
  return sorter.take();
}

}  // namespace muster
