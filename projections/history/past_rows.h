#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"
#include "core/domain/tables.h"
#include "projections/history/ages.h"
#include "projections/view_store.h"

namespace muster {

/// The rows of all entities as they were when an age began; each is read when it is first asked
/// for. `evolve` takes those that matter from there to any moment of that age. One thread.
class PastRows final : public Tables {
 public:
  /// `snapshot` must outlive it and be of that age or a later one.
  PastRows(const ViewSnapshot& snapshot, Age age) : snapshot_(snapshot), age_(age) {}

  // The row as of the events applied so far; null if there was none.
  [[nodiscard]] const DeviceType* find(DeviceTypeId id);
  [[nodiscard]] const Organisation* find(OrganisationId id);
  [[nodiscard]] const User* find(UserId id);
  [[nodiscard]] const Fleet* find(FleetId id);
  [[nodiscard]] const Release* find(ReleaseId id);
  [[nodiscard]] const Device* find(DeviceId id);
  [[nodiscard]] const DeviceQueue* find_queue(DeviceId id);
  [[nodiscard]] const FleetActions* find_actions(FleetId id);

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
  /// The rows of one kind that were asked for; null: there was none.
  template <typename Row>
  class Rows {
   public:
    using Id = decltype(Row::id);
    Row* find(const PastRows& past, Id id);
    Row& edit(const PastRows& past, Id id);
    Row& obtain(const PastRows& past, Id id);
    void add(Row row);

   private:
    std::unordered_map<Id, std::unique_ptr<Row>> known_;
  };
  template <typename Row>
  [[nodiscard]] std::unique_ptr<Row> load(decltype(Row::id) id) const;
  template <typename Row>
  void veil(Row& row) const;
  [[nodiscard]] bool is_erased(UserId id) const;

  const ViewSnapshot& snapshot_;
  const Age age_;
  Rows<DeviceType> device_types_;
  Rows<Organisation> organisations_;
  Rows<User> users_;
  Rows<Token> tokens_;
  Rows<Fleet> fleets_;
  Rows<Release> releases_;
  Rows<Device> devices_;
  Rows<ProvisioningKey> provisioning_keys_;
  Rows<SavedView> saved_views_;
  Rows<DeviceQueue> device_queues_;
  Rows<FleetActions> fleet_actions_;
  Rows<ActionGroup> action_groups_;
};

}  // namespace muster
