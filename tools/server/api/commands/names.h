#pragma once

#include <optional>
#include <string>
#include <unordered_map>

#include "projections/reader.h"

namespace muster {

/// How answers name entities: as the reader has them, each looked up once however many answers
/// tell of it. What the reader does not show yet goes by its id: `id:31`.
class Names {
 public:
  /// `reader` must outlive it.
  explicit Names(const Reader& reader) : reader_(reader) {}

  // Valid as long as this: handle, slugs, commit, uuid, and the names of users and views.
  [[nodiscard]] const std::string& of(OrganisationId id);
  [[nodiscard]] const std::string& of(UserId id);
  [[nodiscard]] const std::string& of(DeviceTypeId id);
  [[nodiscard]] const std::string& of(FleetId id);
  [[nodiscard]] const std::string& of(ReleaseId id);
  [[nodiscard]] const std::string& of(DeviceId id);
  [[nodiscard]] const std::string& of(SavedViewId id);

  /// The version of a release for people; nullopt if the reader does not show it yet.
  [[nodiscard]] std::optional<std::string> version_of(ReleaseId id);

 private:
  template <typename Id>
  using Known = std::unordered_map<Id, std::string>;

  template <typename Id, typename Look>
  const std::string& look_up(Known<Id>& known, Id id, const Look& name_of);

  const Reader& reader_;
  Known<OrganisationId> organisations_;
  Known<UserId> users_;
  Known<DeviceTypeId> device_types_;
  Known<FleetId> fleets_;
  Known<ReleaseId> releases_;
  Known<ReleaseId> versions_;
  Known<DeviceId> devices_;
  Known<SavedViewId> views_;
};

}  // namespace muster
