#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"
#include "core/domain/tables.h"
#include "projections/history/ages.h"
#include "projections/projection.h"

namespace muster {

/// The rows of all entities in a batch of the registry: read when first edited, written back once
/// by `flush`. What was edited lately stays decoded between batches, so that busy entities are
/// not read again; whoever uses this is the only one who writes those rows.
class RegistryRows final : public Tables {
 public:
  /// Works on `batch` until `flush`; what is edited changes in `age`.
  void use(ViewBatch& batch, Age age) {
    batch_ = &batch;
    age_ = age;
  }

  /// Writes all rows that were added or edited to the batch, and forgets the batch.
  void flush();

  void add(DeviceType row) override;
  void add(Organisation row) override;
  void add(User row) override;
  void add(Token row) override;
  void add(Fleet row) override;
  void add(Release row) override;
  void add(Device row) override;
  void add(ProvisioningKey row) override;
  void add(SavedView row) override;
  void lead_slug(const std::string& slug, std::optional<FleetId> fleet) override;
  void forget_username(const std::string& username) override;

  Organisation& edit(OrganisationId id) override;
  User& edit(UserId id) override;
  Token& edit(TokenId id) override;
  Fleet& edit(FleetId id) override;
  Release& edit(ReleaseId id) override;
  Device& edit(DeviceId id) override;
  ProvisioningKey& edit(ProvisioningKeyId id) override;
  SavedView& edit(SavedViewId id) override;

  DeviceQueue& queue_of(DeviceId id) override;
  FleetActions& actions_of(FleetId id) override;
  ActionGroup& action_group(Sequence id) override;

 private:
  /// The decoded rows of one kind, and which of them the batch does not have yet.
  template <typename Id, typename Row>
  struct Rows {
    struct Entry {
      Row row;
      bool changed = false;
      Age kept;  // The age since whose beginning it is known to be kept; 0: not known.
    };
    std::unordered_map<Id, Entry> known;
    std::vector<Id> changed;
  };

  template <typename Id, typename Row>
  void add(Rows<Id, Row>& rows, Row row);
  template <typename Id, typename Row>
  Row& edit(Rows<Id, Row>& rows, Id id);
  /// The row of that id; an empty one if there is none yet.
  template <typename Id, typename Row>
  Row& obtain(Rows<Id, Row>& rows, Id id);
  /// Keeps the row for its past, unless that is done in this age.
  template <typename Id, typename Row>
  void keep(Id id, typename Rows<Id, Row>::Entry& entry);
  template <typename Id, typename Row>
  void flush(Rows<Id, Row>& rows);

  ViewBatch* batch_ = nullptr;
  Age age_;
  Rows<DeviceTypeId, DeviceType> device_types_;
  Rows<OrganisationId, Organisation> organisations_;
  Rows<UserId, User> users_;
  Rows<TokenId, Token> tokens_;
  Rows<FleetId, Fleet> fleets_;
  Rows<ReleaseId, Release> releases_;
  Rows<DeviceId, Device> devices_;
  Rows<ProvisioningKeyId, ProvisioningKey> provisioning_keys_;
  Rows<SavedViewId, SavedView> saved_views_;
  Rows<DeviceId, DeviceQueue> device_queues_;
  Rows<FleetId, FleetActions> fleet_actions_;
  Rows<Sequence, ActionGroup> action_groups_;
};

/// The rows of all entities, exactly as the writer's State has them, with what finds them, and what
/// rows were at the beginnings of earlier ages (past_rows.h).
class RegistryView final : public Projection {
 public:
  explicit RegistryView(Ages ages = Ages()) : ages_(ages) {}
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 8; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;

 private:
  const Ages ages_;
  RegistryRows rows_;
  Timestamp last_event_;
};

}  // namespace muster
