#include "tools/server/api/commands/names.h"

#include <fmt/format.h>

#include "core/domain/decide/release_name.h"

namespace muster {

template <typename Id, typename Look>
const std::string& Names::look_up(Known<Id>& known, Id id, const Look& name_of) {
  const auto found = known.find(id);
  if (found != known.end()) return found->second;
  const auto row = reader_.find(id);
  return known.emplace(id, row ? name_of(*row) : fmt::format("id:{}", id.value())).first->second;
}

const std::string& Names::of(OrganisationId id) {
  return look_up(organisations_, id, [](const Organisation& row) { return row.handle; });
}

const std::string& Names::of(UserId id) {
  return look_up(users_, id, [](const User& row) { return row.username; });
}

const std::string& Names::of(DeviceTypeId id) {
  return look_up(device_types_, id, [](const DeviceType& row) { return row.slug; });
}

const std::string& Names::of(FleetId id) {
  return look_up(fleets_, id, [](const Fleet& row) { return row.slug; });
}

const std::string& Names::of(ReleaseId id) {
  return look_up(releases_, id, [](const Release& row) { return row.commit; });
}

const std::string& Names::of(DeviceId id) {
  const auto found = devices_.find(id);
  if (found != devices_.end()) return found->second;
  const auto uuid = reader_.find_uuid(id);
  return devices_.emplace(id, uuid ? to_string(*uuid) : fmt::format("id:{}", id.value()))
      .first->second;
}

const std::string& Names::of(SavedViewId id) {
  return look_up(views_, id, [](const SavedView& row) { return row.name; });
}

std::optional<std::string> Names::version_of(ReleaseId id) {
  const auto found = versions_.find(id);
  if (found != versions_.end()) return found->second;
  const auto release = reader_.find(id);
  if (!release) return std::nullopt;
  return versions_.emplace(id, version_text(*release)).first->second;
}

}  // namespace muster
