#include "core/log/record/codec_writer.h"

#include <variant>

#include "core/base/endian.h"
#include "core/log/record/codec_lifecycle_writer.h"

namespace muster {
namespace {

/// Builds the table of each kind of event. Tables do not nest: texts come before them.
class PayloadWriter : public LifecycleWriter {
 public:
  PayloadWriter(flatbuffers::FlatBufferBuilder& builder, const std::optional<SealedText>& sealed)
      : LifecycleWriter(builder), sealed_(sealed) {}

  using LifecycleWriter::operator();

  WirePayload operator()(const LogCreated& e) {
    const wire::Uuid log(e.log.bytes);
    return payload(wire::CreateLogCreated(builder_, &log, e.epoch));
  }

  WirePayload operator()(const LogRestored& e) {
    return payload(wire::CreateLogRestored(builder_, e.epoch, e.previous, e.known_end.value()));
  }

  WirePayload operator()(const ClockAccepted& e) {
    return payload(wire::CreateClockAccepted(builder_, micros(e.last_event), micros(e.wall)));
  }

  WirePayload operator()(const DeviceTypeAdded& e) {
    const Text slug = text(e.slug);
    const Text name = text(e.name);
    const Text architecture = text(e.architecture);
    return payload(wire::CreateDeviceTypeAdded(builder_, e.id.value(), slug, name, architecture,
                                               e.os_update_supported));
  }

  WirePayload operator()(const OrganisationCreated& e) {
    const Text handle = text(e.handle);
    const Text name = text(e.name);
    return payload(wire::CreateOrganisationCreated(builder_, e.id.value(), handle, name,
                                                   e.administrator.value()));
  }

  WirePayload operator()(const OrganisationMemberSet& e) {
    return payload(wire::CreateOrganisationMemberSet(builder_, e.organisation.value(),
                                                     e.user.value(),
                                                     same_number<wire::OrganisationRole>(e.role)));
  }

  WirePayload operator()(const OrganisationMemberRemoved& e) {
    return payload(
        wire::CreateOrganisationMemberRemoved(builder_, e.organisation.value(), e.user.value()));
  }

  WirePayload operator()(const UserCreated& e) {
    const auto username = sealed();
    return payload(wire::CreateUserCreated(builder_, e.id.value(), username, e.instance_roles));
  }

  WirePayload operator()(const UserDisabled& e) {
    return payload(wire::CreateUserDisabled(builder_, e.id.value()));
  }

  WirePayload operator()(const UserEnabled& e) {
    return payload(wire::CreateUserEnabled(builder_, e.id.value()));
  }

  WirePayload operator()(const UserErased& e) {
    return payload(wire::CreateUserErased(builder_, e.id.value()));
  }

  WirePayload operator()(const NotesErased& e) {
    const auto devices = list(numbers(e.devices));
    const auto releases = list(numbers(e.releases));
    return payload(wire::CreateNotesErased(builder_, e.user.value(), devices, releases));
  }

  WirePayload operator()(const TokenIssued& e) {
    const Text name = text(e.name);
    const wire::Digest secret_hash(e.secret_hash);
    const auto limit = number_or_none<wire::Role>(e.role_limit);
    return payload(wire::CreateTokenIssued(builder_, e.id.value(), e.user.value(), name,
                                           &secret_hash, limit, micros(e.expires_at)));
  }

  WirePayload operator()(const TokenRevoked& e) {
    return payload(wire::CreateTokenRevoked(builder_, e.id.value()));
  }

  WirePayload operator()(const FleetCreated& e) {
    const wire::Uuid uuid(e.uuid.bytes);
    const Text name = text(e.name);
    const Text slug = text(e.slug);
    return payload(wire::CreateFleetCreated(builder_, e.id.value(), &uuid, e.organisation.value(),
                                            name, slug, e.device_type.value(),
                                            same_number<wire::FleetType>(e.type)));
  }

  WirePayload operator()(const FleetMemberSet& e) {
    return payload(wire::CreateFleetMemberSet(builder_, e.fleet.value(), e.user.value(),
                                              same_number<wire::Role>(e.role)));
  }

  WirePayload operator()(const FleetMemberRemoved& e) {
    return payload(wire::CreateFleetMemberRemoved(builder_, e.fleet.value(), e.user.value()));
  }

  WirePayload operator()(const FleetPinned& e) {
    return payload(wire::CreateFleetPinned(builder_, e.fleet.value(), e.release.value(),
                                           e.reach.following, e.reach.pinned));
  }

  WirePayload operator()(const FleetTrackingLatest& e) {
    return payload(wire::CreateFleetTrackingLatest(builder_, e.fleet.value(), e.reach.following,
                                                   e.reach.pinned));
  }

  WirePayload operator()(const FleetTargetChanged& e) {
    return payload(wire::CreateFleetTargetChanged(builder_, e.fleet.value(), number(e.from),
                                                  e.to.value(),
                                                  same_number<wire::TargetCause>(e.cause)));
  }

  WirePayload operator()(const ReleaseCreated& e) {
    const Text commit = text(e.commit);
    const Text semver = text(e.semver);
    const auto note = sealed();
    const Text manifest = text(e.manifest);
    return payload(wire::CreateReleaseCreated(
        builder_, e.id.value(), e.fleet.value(), commit, semver, e.revision,
        same_number<wire::ReleaseStatus>(e.status), note, manifest));
  }

  WirePayload operator()(const ReleaseFinished& e) {
    const Text manifest = text(e.manifest);
    return payload(wire::CreateReleaseFinished(
        builder_, e.id.value(), same_number<wire::ReleaseStatus>(e.status), manifest));
  }

  WirePayload operator()(const ReleaseFinalized& e) {
    return payload(wire::CreateReleaseFinalized(builder_, e.id.value(), e.revision));
  }

  WirePayload operator()(const ReleaseInvalidated& e) {
    const Text reason = text(e.reason);
    return payload(wire::CreateReleaseInvalidated(builder_, e.id.value(), reason));
  }

  WirePayload operator()(const ReleaseValidated& e) {
    return payload(wire::CreateReleaseValidated(builder_, e.id.value()));
  }

  WirePayload operator()(const ReleaseDeleted& e) {
    return payload(wire::CreateReleaseDeleted(builder_, e.id.value()));
  }

  WirePayload operator()(const DeviceRegistered& e) {
    const wire::Uuid uuid(e.uuid.bytes);
    const Text name = text(e.name);
    return payload(wire::CreateDeviceRegistered(
        builder_, e.id.value(), &uuid, e.fleet.value(), e.device_type.value(), name,
        e.provisioning_key.value_or(ProvisioningKeyId{}).value(),
        number_or_none<wire::Encoding>(e.encoding), e.previous.value_or(DeviceId{}).value()));
  }

  WirePayload operator()(const DeviceRenamed& e) {
    const Text name = text(e.name);
    return payload(wire::CreateDeviceRenamed(builder_, e.id.value(), name));
  }

  WirePayload operator()(const DeviceNoted& e) {
    const auto note = sealed();
    return payload(wire::CreateDeviceNoted(builder_, e.id.value(), note));
  }

  WirePayload operator()(const DeviceTagged& e) {
    std::vector<Offset<wire::Tag>> set;
    set.reserve(e.set.size());
    for (const Tag& tag : e.set) {
      const Text key = text(tag.key);
      set.push_back(wire::CreateTag(builder_, key, text(tag.value)));
    }
    std::vector<Text> removed;
    removed.reserve(e.removed.size());
    for (const std::string& key : e.removed) {
      removed.push_back(builder_.CreateString(key));
    }
    const auto set_vector = list(set);
    const auto removed_vector = list(removed);
    return payload(wire::CreateDeviceTagged(builder_, e.id.value(), set_vector, removed_vector));
  }

  WirePayload operator()(const DevicePinned& e) {
    return payload(wire::CreateDevicePinned(builder_, e.id.value(), e.release.value(),
                                            number(e.previous_pin), following(e.reach),
                                            pinned(e.reach)));
  }

  WirePayload operator()(const DeviceTrackingFleet& e) {
    return payload(wire::CreateDeviceTrackingFleet(builder_, e.id.value(), e.previous_pin.value(),
                                                   following(e.reach), pinned(e.reach)));
  }

  WirePayload operator()(const DeviceMoved& e) {
    return payload(wire::CreateDeviceMoved(builder_, e.id.value(), e.from.value(), e.to.value(),
                                           number(e.pin), number(e.previous_pin),
                                           number(e.data_of)));
  }

  WirePayload operator()(const DeviceRunningChanged& e) {
    const Text commit = text(e.commit);
    return payload(wire::CreateDeviceRunningChanged(builder_, e.id.value(), commit));
  }

  WirePayload operator()(const DeviceSoftwareChanged& e) {
    const Text os_version = text(e.os_version);
    const Text agent_version = text(e.agent_version);
    return payload(wire::CreateDeviceSoftwareChanged(builder_, e.id.value(), os_version,
                                                     same_number<wire::OsVariant>(e.os_variant),
                                                     agent_version));
  }

  WirePayload operator()(const DeviceBooted& e) {
    const Text boot = text(e.boot);
    return payload(wire::CreateDeviceBooted(builder_, e.id.value(), boot));
  }

  WirePayload operator()(const DeviceEncodingChanged& e) {
    return payload(wire::CreateDeviceEncodingChanged(builder_, e.id.value(),
                                                     same_number<wire::Encoding>(e.encoding)));
  }

  WirePayload operator()(const DeviceKeyRotated& e) {
    return payload(
        wire::CreateDeviceKeyRotated(builder_, e.id.value(), e.previous.value(), e.at_once));
  }

  WirePayload operator()(const DeviceKeyRetired& e) {
    return payload(wire::CreateDeviceKeyRetired(builder_, e.id.value(), e.generation.value()));
  }

  WirePayload operator()(const ProvisioningKeyIssued& e) {
    const Text name = text(e.name);
    const wire::Digest secret_hash(e.secret_hash);
    return payload(wire::CreateProvisioningKeyIssued(builder_, e.id.value(), e.fleet.value(), name,
                                                     &secret_hash, e.uses, micros(e.expires_at)));
  }

  WirePayload operator()(const ProvisioningKeyRevoked& e) {
    return payload(wire::CreateProvisioningKeyRevoked(builder_, e.id.value()));
  }

  WirePayload operator()(const SavedViewCreated& e) {
    const Text name = text(e.name);
    const Text filter = text(e.filter);
    return payload(wire::CreateSavedViewCreated(builder_, e.id.value(), e.owner.value(), name,
                                                filter, number(e.shared_with)));
  }

  WirePayload operator()(const SavedViewRemoved& e) {
    return payload(wire::CreateSavedViewRemoved(builder_, e.id.value()));
  }

 private:
  static std::optional<std::uint32_t> following(const std::optional<Reach>& reach) {
    return reach ? std::optional(reach->following) : std::nullopt;
  }
  static std::optional<std::uint32_t> pinned(const std::optional<Reach>& reach) {
    return reach ? std::optional(reach->pinned) : std::nullopt;
  }

  Offset<wire::Sealed> sealed() {
    if (!sealed_) {
      return {};
    }
    const wire::Nonce nonce(sealed_->nonce);
    const auto ciphertext = builder_.CreateVector(sealed_->ciphertext);
    return wire::CreateSealed(builder_, sealed_->subject.value(), &nonce, ciphertext);
  }

  const std::optional<SealedText>& sealed_;
};

}  // namespace

std::optional<PersonalText> personal_text_of(const Recorded& recorded) {
  const UserId author = recorded.meta.actor.user;
  if (const auto* user = std::get_if<UserCreated>(&recorded.event)) {
    return PersonalText{wire::Payload::UserCreated, user->id, user->username};
  }
  if (const auto* noted = std::get_if<DeviceNoted>(&recorded.event);
      noted && !noted->note.empty()) {
    return PersonalText{wire::Payload::DeviceNoted, author, noted->note};
  }
  if (const auto* created = std::get_if<ReleaseCreated>(&recorded.event);
      created && !created->note.empty()) {
    return PersonalText{wire::Payload::ReleaseCreated, author, created->note};
  }
  return std::nullopt;
}

std::string sealing_context(wire::Payload type, UserId subject) {
  std::string context(1, static_cast<char>(type));
  append_big_endian(context, subject.value());
  return context;
}

WirePayload payload_to_wire(flatbuffers::FlatBufferBuilder& builder, const Event& event,
                            const std::optional<SealedText>& sealed) {
  return std::visit(PayloadWriter(builder, sealed), event);
}

}  // namespace muster
