#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"
#include "core/domain/ids.h"
#include "projections/credentials/device_keys.h"
#include "projections/view_store.h"

namespace muster {

/// Reads the registry and the target lists as of one moment: all answers of one Reader fit each
/// other. Cheap to make; make one per request and do not keep it. One thread at a time.
class Reader {
 public:
  explicit Reader(const ViewStore& store);

  /// Every event up to here, and none after it, is in what this reader says. Read once.
  [[nodiscard]] Sequence position() const;

  // One row; nullopt if there is none. Deleted releases are found by id, and in no list.
  [[nodiscard]] std::optional<DeviceType> find(DeviceTypeId id) const;
  [[nodiscard]] std::optional<Organisation> find(OrganisationId id) const;
  [[nodiscard]] std::optional<User> find(UserId id) const;
  [[nodiscard]] std::optional<Token> find(TokenId id) const;
  [[nodiscard]] std::optional<Fleet> find(FleetId id) const;
  [[nodiscard]] std::optional<Release> find(ReleaseId id) const;
  [[nodiscard]] std::optional<Device> find(DeviceId id) const;
  [[nodiscard]] std::optional<ProvisioningKey> find(ProvisioningKeyId id) const;
  [[nodiscard]] std::optional<SavedView> find(SavedViewId id) const;
  [[nodiscard]] std::optional<DeviceQueue> find_queue(DeviceId id) const;
  [[nodiscard]] std::optional<FleetActions> find_actions(FleetId id) const;
  [[nodiscard]] std::optional<DeviceType> find_device_type(std::string_view slug) const;
  [[nodiscard]] std::optional<Organisation> find_organisation(std::string_view handle) const;
  [[nodiscard]] std::optional<User> find_user(std::string_view username) const;
  [[nodiscard]] std::optional<Token> find_token(const Digest& secret_hash) const;
  [[nodiscard]] std::optional<Fleet> find_fleet(std::string_view slug) const;
  [[nodiscard]] std::optional<Device> find_device(const Uuid& uuid) const;
  [[nodiscard]] std::optional<ProvisioningKey> find_provisioning_key(
      const Digest& secret_hash) const;

  /// Of the row of that device, without the rest of it.
  [[nodiscard]] std::optional<Uuid> find_uuid(DeviceId id) const;

  /// Many devices' rows at once, which is cheaper; in the order of `ids`.
  [[nodiscard]] std::vector<std::optional<Device>> find_all(std::span<const DeviceId> ids) const;

  /// The devices whose uuids start with `prefix` (lower-case hexadecimal), in the order of their
  /// uuids, until `sink` returns false.
  void each_device_with(std::string_view prefix, const std::function<bool(DeviceId)>& sink) const;

  // Rows in the order of their ids, starting after the one given, until `sink` returns false.
  void each_device_type(const std::function<bool(const DeviceType&)>& sink) const;
  void each_organisation(const std::function<bool(const Organisation&)>& sink) const;
  void each_user(const std::function<bool(const User&)>& sink) const;
  void each_token(const std::function<bool(const Token&)>& sink) const;
  void each_fleet(const std::function<bool(const Fleet&)>& sink) const;
  void each_release(const std::function<bool(const Release&)>& sink) const;
  void each_device(DeviceId after, const std::function<bool(const Device&)>& sink) const;

  /// Removed ones are left out.
  void each_saved_view(const std::function<bool(const SavedView&)>& sink) const;

  /// The fleet's releases that are not deleted, newest first.
  [[nodiscard]] std::vector<Release> releases_of(FleetId fleet) const;

  /// The fleet's devices after `after`, in the order of their ids; `pinned`: by their own pin.
  using DeviceSink = std::function<bool(DeviceId id, bool pinned)>;
  void each_device_of(FleetId fleet, DeviceId after, const DeviceSink& sink) const;

  /// The devices pinned to `release`, in the order of their ids.
  void each_device_pinned_to(ReleaseId release, const std::function<bool(DeviceId)>& sink) const;

  /// The provisioning keys of the fleet, in the order of their ids, also those of no more use.
  void each_provisioning_key_of(FleetId fleet,
                                const std::function<bool(const ProvisioningKey&)>& sink) const;

  /// Devices whose first key is not the only good one any more, in the order of their ids.
  using DeviceKeysSink = std::function<bool(DeviceId id, const DeviceKeys& keys)>;
  void each_device_with_new_keys(const DeviceKeysSink& sink) const;

  /// What is said of that device there; nullopt if its first key is the only one.
  [[nodiscard]] std::optional<DeviceKeys> new_keys_of(DeviceId id) const;

  /// Deactivated devices of `fleet`, with whether they have a pin of their own.
  void each_resting_device_of(FleetId fleet, const DeviceSink& sink) const;

  /// Fleets of which no device has a good key any more.
  void each_revoked_fleet(const std::function<bool(FleetId)>& sink) const;

  /// How many devices should run `release`: those pinned to it, and those that follow their fleet
  /// while it targets it.
  [[nodiscard]] std::uint32_t devices_targeting(const Release& release) const;

  /// What it reads from, for readers of other views as of the same moment.
  [[nodiscard]] const ViewSnapshot& snapshot() const noexcept { return snapshot_; }

 private:
  ViewSnapshot snapshot_;
  mutable std::optional<Sequence> position_;  // Once it was asked for.
};

}  // namespace muster
