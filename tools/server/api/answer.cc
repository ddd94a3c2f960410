#include "tools/server/api/answer.h"

#include <fmt/format.h>

#include <concepts>
#include <nlohmann/json.hpp>
#include <span>

#include "core/domain/decide/release_name.h"
#include "core/domain/lifecycle/settings.h"
#include "projections/grants/grants.h"
#include "tools/server/api/actions/action_answer.h"
#include "tools/server/api/actions/action_lines.h"
#include "tools/server/api/commands/pin_answer.h"
#include "tools/server/api/history/event_details.h"
#include "tools/server/api/lifecycle/lifecycle_lines.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

template <typename E>
concept ActionFact = requires(const E& e, Names& names) { action_line(e, names); };

template <typename E>
concept LifecycleFact = requires(const E& e, Names& names) { lifecycle_line(e, names); };

/// Makes the fields of one event: those for the answer as a whole, and its line in `changes`.
class EventRenderer {
 public:
  EventRenderer(const AnswerParts& parts, Names& names, const Recorded& recorded, bool dry_run)
      : parts_(parts),
        names_(names),
        recorded_(recorded),
        dry_run_(dry_run),
        details_(event_details(recorded, names)) {}

  /// The fields that say what the event did; empty where its line in `changes` says it all.
  [[nodiscard]] Json fields() const {
    return std::visit([this](const auto& event) { return fields_of(event); }, recorded_.event);
  }

  [[nodiscard]] Json line() const {
    Json line{{"event", name_of(recorded_.event)}};
    if (!dry_run_) line["sequence"] = recorded_.sequence.value();
    line.update(details_);
    return line;
  }

 private:
  [[nodiscard]] Json commit(ReleaseId id) const { return names_.of(id); }
  [[nodiscard]] Json version_of(ReleaseId id) const {
    const auto version = names_.version_of(id);
    return version ? Json(*version) : Json(nullptr);
  }
  [[nodiscard]] Json version() const { return recorded_.sequence.value(); }

  // --- Fields of the answer ---

  template <typename Event>
  [[nodiscard]] Json fields_of(const Event& /*event*/) const {
    return details_;
  }
  /// Of actions, moves, settings and lives one command may ask several: then only `changes` tells.
  template <typename Event>
    requires ActionFact<Event> || LifecycleFact<Event> || std::same_as<Event, DeviceMoved>
  [[nodiscard]] Json fields_of(const Event& /*event*/) const {
    return recorded_.meta.count == 1 ? details_ : Json::object();
  }
  [[nodiscard]] Json fields_of(const FleetTargetChanged& event) const {
    return Json{{"target_release", commit(event.to)}};
  }
  // Of several devices only `changes` tells.
  [[nodiscard]] Json fields_of(const DevicePinned& event) const {
    Json json{{"release", commit(event.release)}, {"version_text", version_of(event.release)}};
    if (recorded_.meta.count == 1) json.update(details_);
    add_reach(json, event.reach);
    return json;
  }
  [[nodiscard]] Json fields_of(const DeviceTrackingFleet& event) const {
    Json json = recorded_.meta.count == 1 ? details_ : Json::object();
    add_reach(json, event.reach);
    return json;
  }

  static void add_reach(Json& json, const std::optional<Reach>& reach) {
    if (!reach) return;
    json["following"] = reach->following;
    json["pinned"] = reach->pinned;
  }

  [[nodiscard]] Json fields_of(const TokenIssued& /*event*/) const {
    Json json = details_;
    if (!dry_run_) json["token"] = parts_.user_tokens.derive(recorded_.meta.command);
    return json;
  }
  [[nodiscard]] Json fields_of(const DeviceRegistered& event) const {
    Json json = details_;
    json["version"] = version();
    if (!dry_run_) json["mqtt"] = mqtt_access(event.uuid);
    return json;
  }
  [[nodiscard]] Json fields_of(const DeviceKeyRotated& event) const {
    Json json = details_;
    const auto device = parse_uuid(names_.of(event.id));
    if (!device) return json;
    json["uuid"] = to_string(*device);
    json["id"] = event.id.value();
    json["version"] = version();
    if (!dry_run_) json["mqtt"] = mqtt_access(*device);
    return json;
  }
  [[nodiscard]] Json fields_of(const ProvisioningKeyIssued& /*event*/) const {
    Json json = details_;
    json["version"] = version();
    if (!dry_run_) json["key"] = parts_.user_tokens.derive_provisioning_key(recorded_.meta.command);
    return json;
  }

  /// With what the device connects: a key of the generation of this event.
  [[nodiscard]] Json mqtt_access(const Uuid& device) const {
    const std::string name = to_string(device);
    return Json{
        {"host", parts_.mqtt.host},
        {"port", parts_.mqtt.port},
        {"client_id", name},
        {"username", name},
        {"password", parts_.device_tokens.mint(parts_.identity.log, device, recorded_.sequence)}};
  }

  const AnswerParts& parts_;
  Names& names_;
  const Recorded& recorded_;
  bool dry_run_;
  Json details_;  // Last: made of all of the above.
};

/// The devices that the command left out, and why.
void add_skipped(Json& answer, Names& names, std::span<const Recorded> events) {
  Json skipped = Json::array();
  for (const Recorded& recorded : events) {
    const auto* skip = std::get_if<DeviceSettingSkipped>(&recorded.event);
    if (skip == nullptr) continue;
    skipped.push_back(Json{{"device", names.of(skip->id)}, {"reason", to_string(skip->why)}});
  }
  if (!skipped.empty()) answer["skipped"] = std::move(skipped);
}

/// After a transfer: the support access that goes on in the fleet.
void add_grants(Json& answer, const Reader& reader, std::span<const Recorded> events) {
  if (events.empty()) return;
  const auto* transfer = std::get_if<FleetTransferred>(&events.front().event);
  const auto fleet = transfer == nullptr ? std::nullopt : reader.find(transfer->fleet);
  if (!fleet) return;
  const Timestamp at = events.front().meta.at;
  Json devices = Json::array();
  for (const DeviceId id : granted_devices(reader.snapshot(), at)) {
    const auto device = reader.find(id);
    if (device && device->fleet == fleet->id) devices.push_back(to_string(device->uuid));
  }
  const bool runs = has_support(*fleet, at);
  answer["support"] = Json{{"fleet_until", runs ? Json(to_rfc3339(fleet->support.until)) : nullptr},
                           {"devices", std::move(devices)}};
}

}  // namespace

AnswerWriter::AnswerWriter(const AnswerParts& parts, const Reader& reader)
    : parts_(parts), reader_(reader), names_(reader) {}

/// Whether the lists show what was stored, if anything was.
bool AnswerWriter::shows(const Accepted& accepted) const {
  const bool stored = !accepted.events().empty() && !accepted.dry_run;
  return !stored || accepted.events().back().sequence <= reader_.position();
}

void AnswerWriter::append(std::string& out, const Accepted& accepted) {
  if (is_single_pin(accepted)) {
    append_pin_answer(out, accepted, names_, shows(accepted));
  } else {
    out.append(document(accepted));
  }
}

std::string AnswerWriter::document(const Accepted& accepted) {
  const std::span<const Recorded> events = accepted.events();
  Json answer{{"changed", !events.empty()}};
  if (accepted.dry_run) answer["dry_run"] = true;
  if (accepted.repeated) answer["repeated"] = true;
  const bool stored = !events.empty() && !accepted.dry_run;
  answer["sequence"] = stored ? Json(events.back().sequence.value()) : Json(nullptr);
  Json changes = Json::array();
  for (const Recorded& recorded : events) {
    const EventRenderer renderer(parts_, names_, recorded, accepted.dry_run);
    answer.update(renderer.fields());
    changes.push_back(renderer.line());
  }
  add_action_fields(answer, reader_, accepted);
  add_skipped(answer, names_, events);
  add_grants(answer, reader_, events);
  answer["changes"] = std::move(changes);
  answer["views"] = shows(accepted) ? "current" : "behind";
  return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace muster
