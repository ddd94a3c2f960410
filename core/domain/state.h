#pragma once

#include <boost/container/deque.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/domain/actions/open_actions.h"
#include "core/domain/entities.h"
#include "core/domain/event.h"
#include "core/domain/tables.h"

namespace muster {

/// Rows by their ids. Rows stay where they are, growth copies none of them, and most are found
/// without a look at where their block is.
template <typename Row>
using RowDeque =
    boost::container::deque<Row, void,
                            boost::container::deque_options_t<boost::container::block_size<64>>>;

/// All rows in memory, with the lookups `decide` needs: what the events so far add up to.
/// Owned by the writer's thread. Filled by `add` from stored rows and by `evolve` from events.
class State final : public Tables {
 public:
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
  DeviceQueue& queue_of(DeviceId id) override { return open_.queue_of(id); }
  FleetActions& actions_of(FleetId id) override { return open_.actions_of(id); }
  ActionGroup& action_group(Sequence id) override { return open_.group(id); }

  // Null if there is none. Names are matched exactly.
  [[nodiscard]] const DeviceType* find(DeviceTypeId id) const;
  [[nodiscard]] const Organisation* find(OrganisationId id) const;
  [[nodiscard]] const User* find(UserId id) const;
  [[nodiscard]] const Token* find(TokenId id) const;
  [[nodiscard]] const Fleet* find(FleetId id) const;
  [[nodiscard]] const Release* find(ReleaseId id) const;
  [[nodiscard]] const Device* find(DeviceId id) const;
  [[nodiscard]] const ProvisioningKey* find(ProvisioningKeyId id) const;
  [[nodiscard]] const SavedView* find(SavedViewId id) const;
  [[nodiscard]] const OpenActions& open_actions() const noexcept { return open_; }
  [[nodiscard]] const DeviceType* find_device_type(std::string_view slug) const;
  [[nodiscard]] const Organisation* find_organisation(std::string_view handle) const;
  [[nodiscard]] const User* find_user(std::string_view username) const;
  [[nodiscard]] const Fleet* find_fleet(std::string_view slug) const;
  [[nodiscard]] const Device* find_device(const Uuid& uuid) const;

  /// The fleet's releases in the order they were created, deleted ones included.
  [[nodiscard]] const std::vector<ReleaseId>& releases_of(FleetId fleet) const;

  /// All releases of all fleets that have exactly that commit, in no order.
  [[nodiscard]] std::vector<ReleaseId> releases_at(std::string_view commit) const;

  [[nodiscard]] const RowDeque<Fleet>& fleets() const noexcept { return fleets_; }
  [[nodiscard]] const RowDeque<Release>& releases() const noexcept { return releases_; }
  [[nodiscard]] const RowDeque<Device>& devices() const noexcept { return devices_; }
  [[nodiscard]] const RowDeque<SavedView>& saved_views() const noexcept { return saved_views_; }

  // The id the next entity of that kind will have.
  [[nodiscard]] DeviceTypeId next_device_type() const;
  [[nodiscard]] OrganisationId next_organisation() const;
  [[nodiscard]] UserId next_user() const;
  [[nodiscard]] TokenId next_token() const;
  [[nodiscard]] FleetId next_fleet() const;
  [[nodiscard]] ReleaseId next_release() const;
  [[nodiscard]] DeviceId next_device() const;
  [[nodiscard]] ProvisioningKeyId next_provisioning_key() const;
  [[nodiscard]] SavedViewId next_saved_view() const;

 private:
  struct TextHash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): the library's word.
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  template <typename Id>
  using ByText = std::unordered_map<std::string, Id, TextHash, std::equal_to<>>;

  // Ids are dense from 1: the row of id N stands at N - 1.
  RowDeque<DeviceType> device_types_;
  RowDeque<Organisation> organisations_;
  RowDeque<User> users_;
  RowDeque<Token> tokens_;
  RowDeque<Fleet> fleets_;
  RowDeque<Release> releases_;
  RowDeque<Device> devices_;
  RowDeque<ProvisioningKey> provisioning_keys_;
  RowDeque<SavedView> saved_views_;
  OpenActions open_;

  ByText<DeviceTypeId> device_type_by_slug_;
  ByText<OrganisationId> organisation_by_handle_;
  ByText<UserId> user_by_name_;
  ByText<FleetId> fleet_by_slug_;
  boost::unordered_flat_map<Uuid, DeviceId, std::hash<Uuid>> device_by_uuid_;
  std::unordered_multimap<std::string, ReleaseId, TextHash, std::equal_to<>> releases_by_commit_;
  RowDeque<std::vector<ReleaseId>> releases_by_fleet_;  // As fleets_.
};

}  // namespace muster
