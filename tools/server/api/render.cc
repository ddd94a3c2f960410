#include "tools/server/api/render.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/domain/actions/applicability.h"
#include "core/domain/decide/devices/fleet_type.h"
#include "core/domain/decide/release_name.h"
#include "core/domain/lifecycle/lives.h"
#include "core/domain/lifecycle/settings.h"
#include "core/domain/target.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

Json username_of(const Reader& reader, UserId id) {
  const auto user = reader.find(id);
  return user ? Json(user->username) : Json(nullptr);
}

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

/// What an operator should know about a device's target beyond its name.
Json render_flags(const Reader& reader, const Device& device, const Fleet& fleet,
                  const std::optional<Release>& target, const Sighting& sighting) {
  const bool pinned = device.pin.has_value();
  Json flags = Json::array();
  if (target && pinned && target->invalidated) flags.push_back("pinned-release-invalidated");
  const bool tracks = !pinned && fleet.policy == FleetPolicy::track_latest;
  if (target && tracks && !target->eligible()) flags.push_back("target-not-eligible");
  if (sighting.cloned) flags.push_back("cloned");
  if (device.has(DeviceFlag::local_mode)) flags.push_back("local mode");
  if (!satisfies(device, fleet.type)) flags.push_back("os-too-old");
  const auto type = reader.find(device.device_type);
  const auto fleets = reader.find(fleet.device_type);
  const bool fits = !type || !fleets || can_run(type->architecture, fleets->architecture);
  if (!fits) flags.push_back("incompatible");
  return flags;
}

/// The settings of a device; its public URL has an address only where a domain is configured.
void add_settings(Json& json, const Device& device, const Fleet& fleet, const DeviceNow& now) {
  const DeviceSettings settings = settings_of(device, fleet).settings;
  const auto& until = settings.support_until;
  const bool supported = has_support(device, now.at) || has_support(fleet, now.at);
  json["settings"] =
      Json{{"public_url", settings.public_url},
           {"local_mode", settings.local_mode},
           {"lock_override", settings.lock_override},
           {"keep_override", device.has(DeviceFlag::keep_override)},
           {"support_until", supported && until ? Json(to_rfc3339(*until)) : Json(nullptr)}};
  json["public_url"] = nullptr;
  if (!settings.public_url) return;
  if (now.public_domain.empty()) {
    json["public_url_note"] =
        "it is on, but no domain is configured: muster serve --public-domain DOMAIN";
  } else {
    json["public_url"] = fmt::format("https://{}.{}", to_string(device.uuid), now.public_domain);
  }
}

void add_progress(Json& json, const Sighting& sighting) {
  if (!sighting.progress) {
    json["status"] = nullptr;
    return;
  }
  const ProgressReport& progress = *sighting.progress;
  json["status"] = progress.status;
  json["progress"] = Json{{"seq", progress.sequence},
                          {"percent", progress.percent},
                          {"code", progress.code},
                          {"message", progress.message},
                          {"locks", progress.locks}};
}

/// Until the device was born with its newest key, older ones are good too.
Json render_key(const Device& device) {
  return Json{{"generation", device.key_generation.value()},
              {"older_good", device.key_minimum < device.key_generation}};
}

Json render_refused(const std::optional<RefusedConnect>& refused) {
  if (!refused) return nullptr;
  return Json{{"count", refused->count},
              {"last_cause", to_string(refused->cause)},
              {"last_at", to_rfc3339(refused->last)}};
}

Json render_online(Presence presence) {
  if (presence == Presence::unknown) return nullptr;
  return presence == Presence::online;
}

/// Until when support has access to the whole fleet.
Json render_support(const Fleet& fleet) {
  const bool runs = fleet.support.until > Timestamp{} && fleet.support.ended == Sequence{};
  return runs ? Json(to_rfc3339(fleet.support.until)) : Json(nullptr);
}

}  // namespace

Json commit_of(const Reader& reader, const std::optional<ReleaseId>& id) {
  const auto release = id ? reader.find(*id) : std::nullopt;
  return release ? Json(release->commit) : Json(nullptr);
}

Json render_instance_roles(std::uint8_t roles) {
  Json names = Json::array();
  for (const InstanceRole role :
       {InstanceRole::administrator, InstanceRole::auditor, InstanceRole::support}) {
    if ((roles & static_cast<std::uint8_t>(role)) != 0) names.push_back(to_string(role));
  }
  return names;
}

Json render(const DeviceType& type) {
  return Json{{"slug", type.slug},
              {"id", type.id.value()},
              {"name", type.name},
              {"architecture", type.architecture},
              {"os_update_supported", type.os_update_supported},
              {"version", type.version.value()}};
}

Json render(const Reader& reader, const Organisation& organisation) {
  Json administrators = Json::array();
  for (const auto& [user, role] : organisation.members) {
    if (role == OrganisationRole::administrator) {
      administrators.push_back(username_of(reader, user));
    }
  }
  return Json{{"handle", organisation.handle},
              {"id", organisation.id.value()},
              {"name", organisation.name},
              {"administrators", std::move(administrators)},
              {"billing_valid", organisation.billing_valid},
              {"deactivation_fees", organisation.deactivation_fees},
              {"created_at", to_rfc3339(organisation.created_at)},
              {"version", organisation.version.value()}};
}

Json render(const User& user) {
  return Json{{"username", user.username},
              {"id", user.id.value()},
              {"enabled", user.enabled},
              {"erased", user.erased},
              {"instance_roles", render_instance_roles(user.instance_roles)},
              {"created_at", to_rfc3339(user.created_at)},
              {"version", user.version.value()}};
}

Json render(const Reader& reader, const Token& token) {
  Json json{{"id", token.id.value()},
            {"name", token.name},
            {"user", username_of(reader, token.user)},
            {"role_limit", nullptr},
            {"expires_at", nullptr},
            {"revoked", token.revoked},
            {"created_at", to_rfc3339(token.created_at)},
            {"version", token.version.value()}};
  if (token.role_limit) json["role_limit"] = to_string(*token.role_limit);
  if (token.expires_at) json["expires_at"] = to_rfc3339(*token.expires_at);
  return json;
}

Json render(const Reader& reader, const Fleet& fleet) {
  const auto target = fleet.target ? reader.find(*fleet.target) : std::nullopt;
  const auto organisation = reader.find(fleet.organisation);
  const auto type = reader.find(fleet.device_type);
  return Json{{"slug", fleet.slug},
              {"id", fleet.id.value()},
              {"uuid", to_string(fleet.uuid)},
              {"name", fleet.name},
              {"organisation", organisation ? Json(organisation->handle) : Json(nullptr)},
              {"device_type", type ? Json(type->slug) : Json(nullptr)},
              {"type", to_string(fleet.type)},
              {"policy", to_string(fleet.policy)},
              {"target_release", target ? Json(target->commit) : Json(nullptr)},
              {"target_version", target ? Json(version_text(*target)) : Json(nullptr)},
              {"target_eligible", target ? Json(target->eligible()) : Json(nullptr)},
              {"devices", fleet.devices},
              {"pinned_devices", fleet.pinned_devices},
              {"deactivated_devices", fleet.deactivated_devices},
              {"public_urls", fleet.public_urls},
              {"support_until", render_support(fleet)},
              {"created_at", to_rfc3339(fleet.created_at)},
              {"version", fleet.version.value()}};
}

Json render(const Reader& reader, const Release& release) {
  const auto fleet = reader.find(release.fleet);
  Json json{{"id", release.id.value()},
            {"fleet", fleet ? Json(fleet->slug) : Json(nullptr)},
            {"commit", release.commit},
            {"semver", release.semver},
            {"revision", release.revision ? Json(*release.revision) : Json(nullptr)},
            {"version_text", version_text(release)},
            {"status", to_string(release.status)},
            {"draft", release.draft()},
            {"invalidated", release.invalidated},
            {"invalidation_reason", or_null(release.invalidation_reason)},
            {"note", release.note},
            {"manifest", nullptr},
            {"devices", reader.devices_targeting(release)},
            {"pinned_devices", release.pinned_devices},
            {"created_at", to_rfc3339(release.created_at)},
            {"version", release.version.value()}};
  if (!release.manifest.empty()) json["manifest"] = Json::parse(release.manifest, nullptr, false);
  return json;
}

Json render(const Reader& reader, const ProvisioningKey& key) {
  const auto fleet = reader.find(key.fleet);
  return Json{{"id", key.id.value()},
              {"name", key.name},
              {"fleet", fleet ? Json(fleet->slug) : Json(nullptr)},
              {"uses", key.uses},
              {"used", key.used},
              {"expires_at", to_rfc3339(key.expires_at)},
              {"revoked", key.revoked},
              {"created_at", to_rfc3339(key.created_at)},
              {"version", key.version.value()}};
}

Json render(const Reader& reader, const Device& device, const DeviceNow& now) {
  const Sighting& sighting = now.sighting;
  const auto fleet = reader.find(device.fleet);
  const auto type = reader.find(device.device_type);
  const Lifecycle lifecycle = fleet ? lifecycle_of(device, *fleet) : device.lifecycle;
  const bool told = lifecycle == Lifecycle::active;
  const auto target_id = told && fleet ? target_release(device, *fleet) : std::nullopt;
  const auto target = target_id ? reader.find(*target_id) : std::nullopt;
  Json tags = Json::object();
  for (const Tag& tag : device.tags) tags[tag.key] = tag.value;
  Json json{{"uuid", to_string(device.uuid)},
            {"id", device.id.value()},
            {"name", device.name},
            {"note", device.note},
            {"tags", std::move(tags)},
            {"fleet", fleet ? Json(fleet->slug) : Json(nullptr)},
            {"fleet_policy", fleet ? Json(to_string(fleet->policy)) : Json(nullptr)},
            {"device_type", type ? Json(type->slug) : Json(nullptr)},
            {"policy", device.pin ? "pinned" : "tracking"},
            {"target_release", target ? Json(target->commit) : Json(nullptr)},
            {"target_version", target ? Json(version_text(*target)) : Json(nullptr)},
            {"target_seq", nullptr},
            {"running_release", or_null(device.running_commit)},
            {"pinned_release", commit_of(reader, device.pin)},
            {"online", render_online(sighting.presence)},
            {"presence", to_string(sighting.presence)},
            {"presence_since", sighting.since ? Json(to_rfc3339(*sighting.since)) : Json(nullptr)}};
  add_progress(json, sighting);
  if (fleet && told) {
    json["target_seq"] =
        target_of(device, *fleet, target ? &*target : nullptr).changed.sequence.value();
  }
  if (fleet) {
    json["flags"] = render_flags(reader, device, *fleet, target, sighting);
    add_settings(json, device, *fleet, now);
  }
  json["os_version"] = or_null(device.os_version);
  json["os_variant"] = to_string(device.os_variant);
  json["agent_version"] = or_null(device.agent_version);
  json["encoding"] = to_string(device.encoding);
  json["lifecycle"] = to_string(lifecycle);
  json["key"] = render_key(device);
  json["refused_connects"] = render_refused(now.refused);
  json["created_at"] = to_rfc3339(device.created_at);
  json["version"] = device.version.value();
  return json;
}

Json render(const Reader& reader, const SavedView& view) {
  const auto fleet = view.shared_with ? reader.find(*view.shared_with) : std::nullopt;
  return Json{{"name", view.name},
              {"id", view.id.value()},
              {"owner", username_of(reader, view.owner)},
              {"filter", view.filter},
              {"shared_with", fleet ? Json(fleet->slug) : Json(nullptr)},
              {"created_at", to_rfc3339(view.created_at)},
              {"version", view.version.value()}};
}

}  // namespace muster
