#include "tools/server/api/caller.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/hex.h"
#include "core/domain/decide/names.h"
#include "core/domain/decide/release_name.h"
#include "core/domain/filter/view_name.h"
#include "projections/grants/grants.h"
#include "tools/server/api/problems.h"
#include "tools/server/tokens.h"

namespace muster {
namespace {

constexpr std::size_t prefix_length_min = 7;
constexpr std::size_t candidates_max = 10;

Problem unknown_device(std::string_view name) {
  return unknown_problem(RejectionCode::unknown_device, fmt::format("device {}", name),
                         "`muster device list` shows your devices");
}

/// The secret that `request` shows, as it is stored.
HttpResult<Digest> bearer_of(const HttpRequest& request) {
  constexpr std::string_view scheme = "Bearer ";
  const std::string_view header = request.headers.value("authorization");
  const std::string_view given = header.substr(0, scheme.size());
  if (!equals_ignoring_case(given, scheme)) {
    return tl::unexpected(unauthorized_problem("the request has no token"));
  }
  return UserTokens::hash(header.substr(scheme.size()));
}

}  // namespace

Problem ambiguous_device_problem(std::string_view name, const std::vector<Device>& devices) {
  Problem problem{.status = 409,
                  .code = "ambiguous-device",
                  .title = "The name fits several",
                  .detail = fmt::format("device {}: several devices' uuids begin so", name),
                  .entity = fmt::format("device {}", name),
                  .remedy = "give more digits"};
  for (const Device& device : devices) {
    problem.candidates.push_back(to_string(device.uuid));
  }
  return problem;
}

HttpResult<Caller> authenticate(const Reader& reader, const HttpRequest& request, Timestamp now) {
  const auto bearer = bearer_of(request);
  if (!bearer) return tl::unexpected(bearer.error());
  const auto token = reader.find_token(*bearer);
  const auto user = token ? reader.find(token->user) : std::nullopt;
  if (!user) return tl::unexpected(unauthorized_problem("the token is not one of this server"));
  const auto asker = asker_of(*user, *token, now);
  if (!asker) return tl::unexpected(unauthorized_problem(asker.error().rule));
  return Caller{.asker = *asker, .user = *user, .token = *token};
}

HttpResult<ProvisioningKey> authenticate_device(const Reader& reader, const HttpRequest& request,
                                                Timestamp now) {
  const auto bearer = bearer_of(request);
  if (!bearer) return tl::unexpected(bearer.error());
  const auto key = reader.find_provisioning_key(*bearer);
  if (!key) {
    return tl::unexpected(unauthorized_problem("the provisioning key is not one of this server"));
  }
  const auto alive = check_alive(*key, now);
  if (!alive) return tl::unexpected(to_problem(alive.error()));
  return *key;
}

bool Sight::sees(const Fleet& fleet) const {
  const auto organisation = reader_.find(fleet.organisation);
  return organisation && !fleet.is_deleted() && role_in(caller_.asker, fleet, *organisation);
}

bool Sight::sees_orphans(const Fleet& fleet) const {
  if (!fleet.is_deleted()) return false;
  const auto organisation = reader_.find(fleet.organisation);
  return caller_.asker.has(InstanceRole::auditor) ||
         (organisation && administers(caller_.asker, *organisation));
}

bool Sight::sees(const Device& device) const {
  const auto fleet = reader_.find(device.fleet);
  const auto organisation = fleet ? reader_.find(fleet->organisation) : std::nullopt;
  if (!organisation) return false;
  if (role_on(caller_.asker, device, *fleet, *organisation)) return true;
  return sees_orphans(*fleet) && device.lifecycle != Lifecycle::deleted;
}

bool Sight::sees(const Organisation& organisation) const {
  if (caller_.asker.has(InstanceRole::administrator)) return true;
  if (belongs_to(caller_.asker, organisation)) return true;
  bool member = false;
  reader_.each_fleet([&](const Fleet& fleet) {
    member = fleet.organisation == organisation.id && sees(fleet);
    return !member;
  });
  return member;
}

bool Sight::sees(const SavedView& view) const {
  if (view.owner == caller_.user.id) return true;
  const auto fleet = view.shared_with ? reader_.find(*view.shared_with) : std::nullopt;
  return fleet && sees(*fleet);
}

std::vector<Fleet> Sight::fleets() const {
  std::vector<Fleet> seen;
  reader_.each_fleet([&](const Fleet& fleet) {
    if (sees(fleet)) seen.push_back(fleet);
    return true;
  });
  return seen;
}

std::vector<Fleet> Sight::fleets_and_deleted() const {
  std::vector<Fleet> seen;
  reader_.each_fleet([&](const Fleet& fleet) {
    if (sees(fleet) || sees_orphans(fleet)) seen.push_back(fleet);
    return true;
  });
  return seen;
}

std::vector<DeviceId> Sight::granted_devices() const {
  if (!caller_.asker.has(InstanceRole::support)) return {};
  return muster::granted_devices(reader_.snapshot(), caller_.asker.now);
}

HttpResult<SavedView> Sight::view(std::string_view name) const {
  std::vector<SavedView> rows;
  reader_.each_saved_view([&](const SavedView& view) {
    if (sees(view)) rows.push_back(view);
    return true;
  });
  std::vector<const SavedView*> views;
  for (const SavedView& row : rows) views.push_back(&row);
  const auto found = resolve_view(views, caller_.user.id, name);
  if (!found) return tl::unexpected(to_problem(found.error()));
  return **found;
}

HttpResult<Organisation> Sight::organisation(std::string_view handle) const {
  auto organisation = reader_.find_organisation(to_lower(handle));
  if (!organisation || !sees(*organisation)) {
    return tl::unexpected(unknown_problem(RejectionCode::unknown_organisation,
                                          fmt::format("organisation {}", handle),
                                          "`muster org list` shows your organisations"));
  }
  return std::move(*organisation);
}

HttpResult<Fleet> Sight::fleet(std::string_view slug) const {
  auto fleet = reader_.find_fleet(to_lower(slug));
  if (!fleet || !sees(*fleet)) {
    return tl::unexpected(unknown_problem(RejectionCode::unknown_fleet,
                                          fmt::format("fleet {}", slug),
                                          "`muster fleet list` shows your fleets"));
  }
  return std::move(*fleet);
}

HttpResult<Device> Sight::device(std::string_view name) const {
  const bool plausible =
      is_lower_hex(name) && name.size() >= prefix_length_min && name.size() <= 2 * sizeof(Uuid);
  if (!plausible) {
    return tl::unexpected(to_problem(
        Rejection{.code = RejectionCode::invalid_uuid,
                  .entity = fmt::format("device {}", name),
                  .rule = "a device is named by its uuid, 32 hexadecimal digits in lower case, or "
                          "by the first 7 or more of them",
                  .remedy = "copy it from `muster device list`",
                  .candidates = {}}));
  }
  std::vector<Device> found;  // Others may have any number of devices whose uuids begin so.
  reader_.each_device_with(name, [&](DeviceId id) {
    auto device = reader_.find(id);
    if (device && sees(*device)) found.push_back(std::move(*device));
    return found.size() < candidates_max;
  });
  if (found.empty()) return tl::unexpected(unknown_device(name));
  if (found.size() > 1) return tl::unexpected(ambiguous_device_problem(name, found));
  return std::move(found.front());
}

HttpResult<Release> Sight::release(const Fleet& fleet, std::string_view name) const {
  const std::vector<Release> newest_first = reader_.releases_of(fleet.id);
  std::vector<const Release*> releases;
  releases.reserve(newest_first.size());
  for (const Release& release : newest_first) releases.push_back(&release);
  std::ranges::reverse(releases);
  const auto found = resolve_release(releases, name, ReleaseUse::any);
  if (!found) return tl::unexpected(to_problem(found.error()));
  return **found;
}

HttpResult<Release> Sight::release(std::string_view id) const {
  const auto number = release_id_of(id);
  auto release = number ? reader_.find(*number) : std::nullopt;
  const auto fleet = release ? reader_.find(release->fleet) : std::nullopt;
  if (!fleet || release->deleted || !sees(*fleet)) {
    return tl::unexpected(unknown_problem(RejectionCode::unknown_release,
                                          fmt::format("release {}", id),
                                          "without a fleet a release is named by its id: id:N"));
  }
  return std::move(*release);
}

}  // namespace muster
