#include "tools/server/api/history/history_sight.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "core/domain/decide/names.h"
#include "tools/server/api/problems.h"

namespace muster {
namespace {

constexpr std::size_t candidates_max = 10;

}  // namespace

bool HistorySight::sees(FleetId fleet) {
  if (sees_all()) return true;
  const auto known = fleets_.find(fleet);
  if (known != fleets_.end()) return known->second;
  const auto row = reader_.find(fleet);
  const auto organisation = row ? reader_.find(row->organisation) : std::nullopt;
  const bool seen = organisation && role_in(caller_.asker, *row, *organisation).has_value();
  return fleets_.emplace(fleet, seen).first->second;
}

bool HistorySight::sees(OrganisationId organisation) {
  if (sees_all()) return true;
  const auto known = organisations_.find(organisation);
  if (known != organisations_.end()) return known->second;
  const auto row = reader_.find(organisation);
  const bool seen = row && sight_.sees(*row);
  return organisations_.emplace(organisation, seen).first->second;
}

bool HistorySight::sees(DeviceId device) {
  const auto row = reader_.find(device);
  return row && sees(row->fleet);
}

bool HistorySight::sees(const HistoryEntry& entry, FleetId shown) {
  if (entry.fleet != FleetId{}) return entry.fleet == shown || sees(entry.fleet);
  return entry.organisation == OrganisationId{} || sees(entry.organisation);
}

FleetId HistorySight::shown_with(const Device& device) const {
  return sight_.sees(device) ? device.fleet : FleetId{};
}

HttpResult<Device> HistorySight::device(std::string_view name) {
  auto now = sight_.device(name);
  if (now || now.error().status != 404) return now;
  std::map<Uuid, Device> found;  // The last life of each that is seen.
  history_.each_life_with(name, [&](const Uuid& uuid, DeviceId id) {
    auto row = reader_.find(id);
    if (row && sees(row->fleet)) found.insert_or_assign(uuid, *std::move(row));
    return found.size() < candidates_max;
  });
  if (found.empty()) return now;
  if (found.size() == 1) return found.begin()->second;
  std::vector<Device> devices;
  for (const auto& [uuid, row] : found) devices.push_back(row);
  return tl::unexpected(ambiguous_device_problem(name, devices));
}

HttpResult<Fleet> HistorySight::fleet(std::string_view slug) {
  auto now = sight_.fleet(slug);
  if (now) return now;
  for (const FleetId id : history_.fleets_called(to_lower(slug))) {
    auto row = reader_.find(id);
    if (row && sees(id)) return *std::move(row);
  }
  return now;
}

HttpResult<Organisation> HistorySight::organisation(std::string_view handle) {
  auto seen = sight_.organisation(handle);
  if (sees_all()) {
    auto row = reader_.find_organisation(to_lower(handle));
    if (row) return *std::move(row);
  }
  if (!seen || administers(caller_.asker, *seen) ||
      caller_.asker.has(InstanceRole::administrator)) {
    return seen;
  }
  return tl::unexpected(to_problem(
      Rejection{.code = RejectionCode::not_allowed,
                .entity = fmt::format("organisation {}", seen->handle),
                .rule = "its history is for its administrators, the instance's, and auditors",
                .remedy = "ask one of them; histories of fleets are for all who see the fleet",
                .candidates = {}}));
}

HttpResult<User> HistorySight::user(std::string_view name) {
  auto row = reader_.find_user(name);
  const bool all = sees_all() || caller_.asker.has(InstanceRole::administrator);
  if (row && (all || row->id == caller_.user.id)) return *std::move(row);
  return tl::unexpected(unknown_problem(RejectionCode::unknown_user, fmt::format("user {}", name),
                                        "`muster user list` shows the users"));
}

}  // namespace muster
