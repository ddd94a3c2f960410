#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>

#include "projections/history/history_reader.h"
#include "tools/server/api/caller.h"

namespace muster {

/// What a caller may see of what was: all of a fleet that it sees now, from its first day, also
/// after the fleet's end, and nothing of any other; auditors see everything. Names mean what they
/// mean now, else what they meant last. What may not be seen is reported as unknown.
class HistorySight {
 public:
  /// All must outlive it.
  HistorySight(const Reader& reader, const Caller& caller, const Sight& sight)
      : reader_(reader), caller_(caller), sight_(sight), history_(reader.snapshot()) {}

  [[nodiscard]] bool sees_all() const { return caller_.asker.has(InstanceRole::auditor); }
  [[nodiscard]] bool sees(FleetId fleet);
  [[nodiscard]] bool sees(OrganisationId organisation);
  [[nodiscard]] bool sees(DeviceId device);

  /// True if what the entry tells of happened where the caller sees it; `shown` is seen anyway.
  [[nodiscard]] bool sees(const HistoryEntry& entry, FleetId shown = {});

  /// Also deleted ones, and former lives of a uuid; the last that the caller sees.
  /// Problems: as of Sight.
  [[nodiscard]] HttpResult<Device> device(std::string_view name);

  /// The fleet of the device as it is now, if the caller sees the device by itself; else 0.
  [[nodiscard]] FleetId shown_with(const Device& device) const;

  /// Also by a former slug, and deleted ones. Problems: 404 `unknown-fleet`.
  [[nodiscard]] HttpResult<Fleet> fleet(std::string_view slug);

  /// For its administrators, those of the instance, and auditors.
  /// Problems: 404 `unknown-organisation`, 403 `not-allowed`.
  [[nodiscard]] HttpResult<Organisation> organisation(std::string_view handle);

  /// Oneself; others for administrators of the instance and auditors.
  /// Problems: 404 `unknown-user`.
  [[nodiscard]] HttpResult<User> user(std::string_view name);

 private:
  const Reader& reader_;
  const Caller& caller_;
  const Sight& sight_;
  const HistoryReader history_;
  std::unordered_map<FleetId, bool> fleets_;
  std::unordered_map<OrganisationId, bool> organisations_;
};

}  // namespace muster
