#include "tools/server/api/history/event_details.h"

#include <nlohmann/json.hpp>

#include "tools/server/api/actions/action_lines.h"
#include "tools/server/api/lifecycle/lifecycle_lines.h"
#include "tools/server/api/render.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

template <typename E>
concept ActionFact = requires(const E& e, Names& names) { action_line(e, names); };

template <typename E>
concept LifecycleFact = requires(const E& e, Names& names) { lifecycle_line(e, names); };

/// Makes the details of one event.
class DetailsWriter {
 public:
  DetailsWriter(const Recorded& recorded, Names& names) : recorded_(recorded), names_(names) {}

  [[nodiscard]] Json details() const {
    return std::visit([this](const auto& event) { return line_of(event); }, recorded_.event);
  }

 private:
  [[nodiscard]] Json handle(OrganisationId id) const { return names_.of(id); }
  [[nodiscard]] Json slug(FleetId id) const { return names_.of(id); }
  [[nodiscard]] Json commit(ReleaseId id) const { return names_.of(id); }
  [[nodiscard]] Json commit(const std::optional<ReleaseId>& id) const {
    return id ? commit(*id) : Json(nullptr);
  }
  [[nodiscard]] Json version_of(ReleaseId id) const {
    const auto version = names_.version_of(id);
    return version ? Json(*version) : Json(nullptr);
  }
  [[nodiscard]] Json uuid(DeviceId id) const { return names_.of(id); }
  [[nodiscard]] Json username(UserId id) const { return names_.of(id); }
  [[nodiscard]] Json device_type(DeviceTypeId id) const { return names_.of(id); }
  [[nodiscard]] Json version() const { return recorded_.sequence.value(); }

  [[nodiscard]] static Json line_of(const LogCreated& e) {
    return Json{{"log", to_string(e.log)}, {"epoch", e.epoch}};
  }
  [[nodiscard]] static Json line_of(const LogRestored& e) {
    const bool known = e.known_end != Sequence{};
    return Json{{"epoch", e.epoch},
                {"previous_epoch", e.previous},
                {"known_end", known ? Json(e.known_end.value()) : Json(nullptr)}};
  }
  [[nodiscard]] static Json line_of(const ClockAccepted& e) {
    return Json{{"last_event", to_rfc3339(e.last_event)}, {"wall", to_rfc3339(e.wall)}};
  }
  [[nodiscard]] Json line_of(const DeviceTypeAdded& e) const {
    return Json{{"slug", e.slug},
                {"id", e.id.value()},
                {"name", e.name},
                {"architecture", e.architecture},
                {"version", version()}};
  }
  [[nodiscard]] Json line_of(const OrganisationCreated& e) const {
    return Json{{"handle", e.handle},
                {"id", e.id.value()},
                {"name", e.name},
                {"administrators", Json::array({username(e.administrator)})},
                {"version", version()}};
  }
  [[nodiscard]] Json line_of(const OrganisationMemberSet& e) const {
    return Json{{"organisation", handle(e.organisation)},
                {"user", username(e.user)},
                {"role", to_string(e.role)}};
  }
  [[nodiscard]] Json line_of(const OrganisationMemberRemoved& e) const {
    return Json{{"organisation", handle(e.organisation)}, {"user", username(e.user)}};
  }
  [[nodiscard]] Json line_of(const UserCreated& e) const {
    return Json{{"username", e.username},
                {"id", e.id.value()},
                {"enabled", true},
                {"instance_roles", render_instance_roles(e.instance_roles)},
                {"version", version()}};
  }
  [[nodiscard]] Json line_of(const UserDisabled& e) const {
    return Json{{"username", username(e.id)}, {"enabled", false}};
  }
  [[nodiscard]] Json line_of(const UserEnabled& e) const {
    return Json{{"username", username(e.id)}, {"enabled", true}};
  }
  [[nodiscard]] static Json line_of(const UserErased& e) {
    return Json{{"username", erased_text}, {"id", e.id.value()}, {"erased", true}};
  }
  [[nodiscard]] static Json line_of(const NotesErased& e) {
    return Json{
        {"username", erased_text}, {"devices", e.devices.size()}, {"releases", e.releases.size()}};
  }
  [[nodiscard]] Json line_of(const TokenIssued& e) const {
    Json json{{"id", e.id.value()},
              {"name", e.name},
              {"user", username(e.user)},
              {"role_limit", nullptr},
              {"expires_at", nullptr}};
    if (e.role_limit) json["role_limit"] = to_string(*e.role_limit);
    if (e.expires_at) json["expires_at"] = to_rfc3339(*e.expires_at);
    return json;
  }
  [[nodiscard]] static Json line_of(const TokenRevoked& e) { return Json{{"id", e.id.value()}}; }
  [[nodiscard]] Json line_of(const FleetCreated& e) const {
    return Json{{"slug", e.slug},
                {"id", e.id.value()},
                {"uuid", to_string(e.uuid)},
                {"name", e.name},
                {"device_type", device_type(e.device_type)},
                {"type", to_string(e.type)},
                {"policy", to_string(FleetPolicy::track_latest)},
                {"version", version()}};
  }
  [[nodiscard]] Json line_of(const FleetMemberSet& e) const {
    return Json{{"fleet", slug(e.fleet)}, {"user", username(e.user)}, {"role", to_string(e.role)}};
  }
  [[nodiscard]] Json line_of(const FleetMemberRemoved& e) const {
    return Json{{"fleet", slug(e.fleet)}, {"user", username(e.user)}};
  }
  [[nodiscard]] Json line_of(const FleetPinned& e) const {
    return Json{{"fleet", slug(e.fleet)},         {"policy", to_string(FleetPolicy::pinned)},
                {"release", commit(e.release)},   {"version_text", version_of(e.release)},
                {"following", e.reach.following}, {"pinned", e.reach.pinned}};
  }
  [[nodiscard]] Json line_of(const FleetTrackingLatest& e) const {
    return Json{{"fleet", slug(e.fleet)},
                {"policy", to_string(FleetPolicy::track_latest)},
                {"following", e.reach.following},
                {"pinned", e.reach.pinned}};
  }
  [[nodiscard]] Json line_of(const FleetTargetChanged& e) const {
    return Json{{"fleet", slug(e.fleet)}, {"from", commit(e.from)}, {"to", commit(e.to)}};
  }
  [[nodiscard]] Json line_of(const ReleaseCreated& e) const {
    return Json{{"id", e.id.value()},
                {"fleet", slug(e.fleet)},
                {"commit", e.commit},
                {"semver", e.semver},
                {"revision", e.revision ? Json(*e.revision) : Json(nullptr)},
                {"status", to_string(e.status)},
                {"draft", !e.revision.has_value()},
                {"version", version()}};
  }
  [[nodiscard]] Json line_of(const ReleaseFinished& e) const {
    return Json{{"id", e.id.value()}, {"commit", commit(e.id)}, {"status", to_string(e.status)}};
  }
  [[nodiscard]] Json line_of(const ReleaseFinalized& e) const {
    return Json{{"id", e.id.value()}, {"commit", commit(e.id)}, {"revision", e.revision}};
  }
  [[nodiscard]] Json line_of(const ReleaseInvalidated& e) const {
    return Json{{"id", e.id.value()}, {"commit", commit(e.id)}, {"invalidated", true}};
  }
  [[nodiscard]] Json line_of(const ReleaseValidated& e) const {
    return Json{{"id", e.id.value()}, {"commit", commit(e.id)}, {"invalidated", false}};
  }
  [[nodiscard]] Json line_of(const ReleaseDeleted& e) const {
    return Json{{"id", e.id.value()}, {"commit", commit(e.id)}};
  }
  [[nodiscard]] Json line_of(const DeviceRegistered& e) const {
    return Json{{"uuid", to_string(e.uuid)},
                {"id", e.id.value()},
                {"name", e.name},
                {"fleet", slug(e.fleet)},
                {"device_type", device_type(e.device_type)},
                {"encoding", to_string(e.encoding.value_or(Encoding::json))}};
  }
  [[nodiscard]] Json line_of(const DeviceRenamed& e) const {
    return Json{{"device", uuid(e.id)}, {"name", e.name}};
  }
  [[nodiscard]] Json line_of(const DeviceNoted& e) const {
    return Json{{"device", uuid(e.id)}, {"note", e.note}};
  }
  [[nodiscard]] Json line_of(const DeviceTagged& e) const {
    Json set = Json::object();
    for (const Tag& tag : e.set) set[tag.key] = tag.value;
    return Json{{"device", uuid(e.id)}, {"set", std::move(set)}, {"removed", e.removed}};
  }
  [[nodiscard]] Json line_of(const DevicePinned& e) const {
    return Json{
        {"device", uuid(e.id)}, {"from", commit(e.previous_pin)}, {"to", commit(e.release)}};
  }
  [[nodiscard]] Json line_of(const DeviceTrackingFleet& e) const {
    return Json{{"device", uuid(e.id)}, {"from", commit(e.previous_pin)}, {"to", nullptr}};
  }
  [[nodiscard]] Json line_of(const DeviceRunningChanged& e) const {
    return Json{{"device", uuid(e.id)}, {"running_release", e.commit}};
  }
  [[nodiscard]] Json line_of(const DeviceSoftwareChanged& e) const {
    return Json{{"device", uuid(e.id)}, {"os_version", e.os_version}};
  }
  [[nodiscard]] Json line_of(const DeviceBooted& e) const {
    return Json{{"device", uuid(e.id)}, {"boot", e.boot}};
  }
  [[nodiscard]] Json line_of(const DeviceEncodingChanged& e) const {
    return Json{{"device", uuid(e.id)}, {"encoding", to_string(e.encoding)}};
  }
  [[nodiscard]] Json line_of(const DeviceKeyRotated& e) const {
    return Json{{"device", uuid(e.id)},
                {"generation", version()},
                {"previous", e.previous.value()},
                {"previous_good_until", e.at_once ? "now" : "first-birth"}};
  }
  [[nodiscard]] Json line_of(const DeviceKeyRetired& e) const {
    return Json{{"device", uuid(e.id)}, {"generation", e.generation.value()}};
  }
  [[nodiscard]] Json line_of(const ProvisioningKeyIssued& e) const {
    return Json{{"id", e.id.value()},
                {"name", e.name},
                {"fleet", slug(e.fleet)},
                {"uses", e.uses},
                {"expires_at", to_rfc3339(e.expires_at)}};
  }
  [[nodiscard]] static Json line_of(const ProvisioningKeyRevoked& e) {
    return Json{{"id", e.id.value()}, {"revoked", true}};
  }
  [[nodiscard]] Json line_of(const SavedViewCreated& e) const {
    return Json{{"id", e.id.value()},
                {"name", e.name},
                {"owner", username(e.owner)},
                {"filter", e.filter},
                {"shared_with", e.shared_with ? slug(*e.shared_with) : Json(nullptr)},
                {"version", version()}};
  }
  [[nodiscard]] Json line_of(const SavedViewRemoved& e) const {
    return Json{{"id", e.id.value()}, {"name", names_.of(e.id)}};
  }
  [[nodiscard]] Json line_of(const DeviceMoved& e) const {
    return Json{{"device", uuid(e.id)},
                {"from", slug(e.from)},
                {"to", slug(e.to)},
                {"pin", commit(e.pin)},
                {"previous_pin", commit(e.previous_pin)}};
  }
  [[nodiscard]] Json line_of(const ActionFact auto& e) const { return action_line(e, names_); }
  [[nodiscard]] Json line_of(const LifecycleFact auto& e) const {
    return lifecycle_line(e, names_);
  }

  const Recorded& recorded_;
  Names& names_;
};

}  // namespace

Json event_details(const Recorded& recorded, Names& names) {
  return DetailsWriter(recorded, names).details();
}

}  // namespace muster
