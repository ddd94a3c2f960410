#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/filter/filter.h"
#include "projections/inventory/device_set.h"
#include "projections/inventory/index.h"
#include "projections/inventory/live_state.h"
#include "projections/reader.h"

namespace muster {

/// What a filter is evaluated against: nothing outside of these fleets is ever selected.
struct InventoryScope {
  std::vector<Fleet> fleets;  // By rising id.
  LiveStates live;
  Timestamp now;
  std::vector<DeviceId> also;  // Devices of other fleets that are in it by themselves.
};

/// The devices that single terms of a filter are true of, found in the inventory. Most give devices
/// outside of the scope too; those that look at a column take the devices to look at.
class TermSets {
 public:
  /// Both must outlive the object.
  TermSets(const Reader& reader, const InventoryScope& scope);

  [[nodiscard]] const DeviceSet& pinned() const noexcept { return pinned_; }
  [[nodiscard]] DeviceSet of(const std::string& term) const { return index_.devices(term); }
  [[nodiscard]] DeviceSet of_fleet(FleetId fleet) const;
  [[nodiscard]] DeviceSet in_fleet(std::string_view slug) const;
  /// Those of deleted fleets; whoever is deleted itself, too.
  [[nodiscard]] DeviceSet orphaned() const;
  [[nodiscard]] DeviceSet living(Lifecycle lifecycle) const;
  [[nodiscard]] DeviceSet of_type(std::string_view slug) const;
  [[nodiscard]] DeviceSet pinned_to(std::string_view release) const;
  [[nodiscard]] DeviceSet targeting(std::string_view release) const;
  [[nodiscard]] DeviceSet running(std::string_view release) const;
  [[nodiscard]] DeviceSet with_version(InventoryKey kind, const FilterTerm& term) const;
  [[nodiscard]] DeviceSet with_uuid(const FilterTerm& term) const;
  /// Those of `within` whose name any of `terms` fits: one look at each name.
  [[nodiscard]] DeviceSet named(std::span<const FilterTerm> terms, const DeviceSet& within) const;

  /// Those of `within` that have a target, their fleet's not newer than `since`, and run
  /// something else.
  [[nodiscard]] DeviceSet not_on_target(Timestamp since, const DeviceSet& within) const;

  /// Those of `within` whose pin and running release did not change after `since`.
  [[nodiscard]] DeviceSet unchanged_since(Timestamp since, const DeviceSet& within) const;

 private:
  [[nodiscard]] const Fleet* fleet(FleetId id) const;  // Null: not in the scope.
  [[nodiscard]] DeviceSet running_commit(std::string_view commit) const;

  /// The releases of the scope that `name` means, each in its fleet, by the first way of naming
  /// that fits any: full commit, its beginning, id, semver.
  [[nodiscard]] std::vector<Release> releases(std::string_view name) const;
  [[nodiscard]] std::vector<Release> visible(const std::vector<std::uint32_t>& ids) const;

  const Reader& reader_;
  const InventoryScope& scope_;
  InventoryIndex index_;
  DeviceSet pinned_;
};

}  // namespace muster
