#include "core/log/record/codec_reader.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/base/assert.h"
#include "core/log/record/codec_lifecycle_reader.h"
#include "core/log/record/codec_values.h"
#include "core/log/record/codec_writer.h"
#include "core/log/record/sealing.h"
#include "core/log/record_codec.h"

namespace muster {
namespace {

using stored::bytes;
using stored::id;
using stored::text;
using stored::time;
using stored::uuid;

/// Reads the table of each kind of event.
class PayloadReader : public stored::LifecycleReader {
 public:
  explicit PayloadReader(const SubjectKeys& keys) : keys_(keys) {}

  using LifecycleReader::read;

  Event read(const wire::LogCreated& e) { return LogCreated{uuid(e.log()), e.epoch()}; }

  Event read(const wire::LogRestored& e) {
    return LogRestored{e.epoch(), e.previous(), Sequence(e.known_end())};
  }

  Event read(const wire::ClockAccepted& e) {
    return ClockAccepted{time(e.last_event_us()), time(e.wall_us())};
  }

  Event read(const wire::DeviceTypeAdded& e) {
    return DeviceTypeAdded{DeviceTypeId(e.id()), text(e.slug()), text(e.name()),
                           text(e.architecture()), e.os_update_supported()};
  }

  Event read(const wire::OrganisationCreated& e) {
    return OrganisationCreated{OrganisationId(e.id()), text(e.handle()), text(e.name()),
                               UserId(e.administrator())};
  }

  Event read(const wire::OrganisationMemberSet& e) {
    return OrganisationMemberSet{OrganisationId(e.organisation()), UserId(e.user()),
                                 known<OrganisationRole>(e.role(), "organisation role")};
  }

  Event read(const wire::OrganisationMemberRemoved& e) {
    return OrganisationMemberRemoved{OrganisationId(e.organisation()), UserId(e.user())};
  }

  Event read(const wire::UserCreated& e) {
    return UserCreated{UserId(e.id()), unsealed(e.username(), wire::Payload::UserCreated),
                       e.instance_roles()};
  }

  Event read(const wire::UserDisabled& e) { return UserDisabled{UserId(e.id())}; }

  Event read(const wire::UserEnabled& e) { return UserEnabled{UserId(e.id())}; }

  Event read(const wire::UserErased& e) { return UserErased{UserId(e.id())}; }

  Event read(const wire::NotesErased& e) {
    return NotesErased{UserId(e.user()), stored::ids<DeviceId>(e.devices()),
                       stored::ids<ReleaseId>(e.releases())};
  }

  Event read(const wire::TokenIssued& e) {
    std::optional<Role> limit;
    if (e.role_limit() != wire::Role::none) {
      limit = known<Role>(e.role_limit(), "role");
    }
    return TokenIssued{TokenId(e.id()), UserId(e.user()),
                       text(e.name()),  bytes<Digest>(e.secret_hash()),
                       limit,           time(e.expires_at_us())};
  }

  Event read(const wire::TokenRevoked& e) { return TokenRevoked{TokenId(e.id())}; }

  Event read(const wire::FleetCreated& e) {
    return FleetCreated{FleetId(e.id()),
                        uuid(e.uuid()),
                        OrganisationId(e.organisation()),
                        text(e.name()),
                        text(e.slug()),
                        DeviceTypeId(e.device_type()),
                        known<FleetType>(e.type(), "fleet type")};
  }

  Event read(const wire::FleetMemberSet& e) {
    return FleetMemberSet{FleetId(e.fleet()), UserId(e.user()), known<Role>(e.role(), "role")};
  }

  Event read(const wire::FleetMemberRemoved& e) {
    return FleetMemberRemoved{FleetId(e.fleet()), UserId(e.user())};
  }

  Event read(const wire::FleetPinned& e) {
    return FleetPinned{FleetId(e.fleet()), ReleaseId(e.release()),
                       Reach{e.following(), e.pinned()}};
  }

  Event read(const wire::FleetTrackingLatest& e) {
    return FleetTrackingLatest{FleetId(e.fleet()), Reach{e.following(), e.pinned()}};
  }

  Event read(const wire::FleetTargetChanged& e) {
    return FleetTargetChanged{FleetId(e.fleet()), id<ReleaseId>(e.from()), ReleaseId(e.to()),
                              known<TargetCause>(e.cause(), "cause")};
  }

  Event read(const wire::ReleaseCreated& e) {
    return ReleaseCreated{ReleaseId(e.id()),
                          FleetId(e.fleet()),
                          text(e.commit()),
                          text(e.semver()),
                          e.revision(),
                          known<ReleaseStatus>(e.status(), "release status"),
                          unsealed(e.note(), wire::Payload::ReleaseCreated),
                          text(e.manifest())};
  }

  Event read(const wire::ReleaseFinished& e) {
    return ReleaseFinished{ReleaseId(e.id()), known<ReleaseStatus>(e.status(), "release status"),
                           text(e.manifest())};
  }

  Event read(const wire::ReleaseFinalized& e) {
    return ReleaseFinalized{ReleaseId(e.id()), e.revision()};
  }

  Event read(const wire::ReleaseInvalidated& e) {
    return ReleaseInvalidated{ReleaseId(e.id()), text(e.reason())};
  }

  Event read(const wire::ReleaseValidated& e) { return ReleaseValidated{ReleaseId(e.id())}; }

  Event read(const wire::ReleaseDeleted& e) { return ReleaseDeleted{ReleaseId(e.id())}; }

  Event read(const wire::DeviceRegistered& e) {
    std::optional<Encoding> encoding;
    if (e.encoding() != wire::Encoding::none) encoding = known<Encoding>(e.encoding(), "encoding");
    return DeviceRegistered{DeviceId(e.id()),
                            uuid(e.uuid()),
                            FleetId(e.fleet()),
                            DeviceTypeId(e.device_type()),
                            text(e.name()),
                            encoding,
                            id_or_none<ProvisioningKeyId>(e.provisioning_key()),
                            id_or_none<DeviceId>(e.previous())};
  }

  Event read(const wire::DeviceRenamed& e) {
    return DeviceRenamed{DeviceId(e.id()), text(e.name())};
  }

  Event read(const wire::DeviceNoted& e) {
    return DeviceNoted{DeviceId(e.id()), unsealed(e.note(), wire::Payload::DeviceNoted)};
  }

  Event read(const wire::DeviceTagged& e) {
    DeviceTagged tagged{DeviceId(e.id()), {}, {}};
    if (e.set() != nullptr) {
      for (const wire::Tag* tag : *e.set()) {
        tagged.set.push_back(Tag{text(tag->key()), text(tag->value())});
      }
    }
    if (e.removed() != nullptr) {
      for (const flatbuffers::String* key : *e.removed()) {
        tagged.removed.push_back(text(key));
      }
    }
    return tagged;
  }

  Event read(const wire::DevicePinned& e) {
    return DevicePinned{DeviceId(e.id()), ReleaseId(e.release()), id<ReleaseId>(e.previous_pin()),
                        reach(e)};
  }

  Event read(const wire::DeviceTrackingFleet& e) {
    return DeviceTrackingFleet{DeviceId(e.id()), ReleaseId(e.previous_pin()), reach(e)};
  }

  Event read(const wire::DeviceMoved& e) {
    return DeviceMoved{DeviceId(e.id()),
                       FleetId(e.from()),
                       FleetId(e.to()),
                       id<ReleaseId>(e.pin()),
                       id<ReleaseId>(e.previous_pin()),
                       id<FleetId>(e.data_of())};
  }

  Event read(const wire::DeviceRunningChanged& e) {
    return DeviceRunningChanged{DeviceId(e.id()), text(e.commit())};
  }

  Event read(const wire::DeviceSoftwareChanged& e) {
    return DeviceSoftwareChanged{DeviceId(e.id()), text(e.os_version()),
                                 known<OsVariant>(e.os_variant(), "OS variant"),
                                 text(e.agent_version())};
  }

  Event read(const wire::DeviceBooted& e) { return DeviceBooted{DeviceId(e.id()), text(e.boot())}; }

  Event read(const wire::DeviceEncodingChanged& e) {
    return DeviceEncodingChanged{DeviceId(e.id()), known<Encoding>(e.encoding(), "encoding")};
  }

  Event read(const wire::DeviceKeyRotated& e) {
    return DeviceKeyRotated{DeviceId(e.id()), Sequence(e.previous()), e.at_once()};
  }

  Event read(const wire::DeviceKeyRetired& e) {
    return DeviceKeyRetired{DeviceId(e.id()), Sequence(e.generation())};
  }

  Event read(const wire::ProvisioningKeyIssued& e) {
    return ProvisioningKeyIssued{
        ProvisioningKeyId(e.id()),      FleetId(e.fleet()), text(e.name()),
        bytes<Digest>(e.secret_hash()), e.uses(),           time(e.expires_at_us())};
  }

  Event read(const wire::ProvisioningKeyRevoked& e) {
    return ProvisioningKeyRevoked{ProvisioningKeyId(e.id())};
  }

  template <typename Id>
  static std::optional<Id> id_or_none(std::uint32_t id) {
    return id == 0 ? std::nullopt : std::optional(Id(id));
  }

  Event read(const wire::SavedViewCreated& e) {
    return SavedViewCreated{SavedViewId(e.id()), UserId(e.owner()), text(e.name()),
                            text(e.filter()), id<FleetId>(e.shared_with())};
  }

  Event read(const wire::SavedViewRemoved& e) { return SavedViewRemoved{SavedViewId(e.id())}; }

  template <typename Wire>
  static std::optional<Reach> reach(const Wire& e) {
    if (!e.following() || !e.pinned()) return std::nullopt;
    return Reach{.following = *e.following(), .pinned = *e.pinned()};
  }

 private:
  std::string unsealed(const wire::Sealed* sealed, wire::Payload type) const {
    if (sealed == nullptr) {
      return {};
    }
    const UserId subject(sealed->subject());
    const auto key = keys_.find(subject);
    if (!key) {
      return std::string(erased_text);
    }
    const std::span<const std::uint8_t> ciphertext(sealed->ciphertext()->data(),
                                                   sealed->ciphertext()->size());
    // The record's checksum holds, so it is the key that is another one: the old one is gone.
    return unseal(*key, bytes<SealingNonce>(sealed->nonce()), sealing_context(type, subject),
                  ciphertext)
        .value_or(std::string(erased_text));
  }

  const SubjectKeys& keys_;
};

/// Reads a payload that is of one of `Tables`, by the number of its type.
template <typename... Tables>
Event read_one_of(PayloadReader& reader, const wire::Envelope& envelope) {
  using Read = Event (*)(PayloadReader&, const wire::Envelope&);
  static constexpr auto reads = [] {
    std::array<Read, static_cast<std::size_t>(wire::Payload::MAX) + 1> by_type{};
    const auto add = [&by_type]<typename Table>(std::type_identity<Table>) {
      by_type[static_cast<std::size_t>(wire::PayloadTraits<Table>::enum_value)] =
          [](PayloadReader& with, const wire::Envelope& of) {
            return with.read(*of.payload_as<Table>());
          };
    };
    (add(std::type_identity<Tables>{}), ...);
    return by_type;
  }();
  const Read read = reads[static_cast<std::size_t>(envelope.payload_type())];
  MUSTER_ASSERT(read != nullptr, "the payload's type is a known one");
  return read(reader, envelope);
}

Event read_payload(PayloadReader& reader, const wire::Envelope& envelope) {
  return read_one_of<
      wire::LogCreated, wire::ClockAccepted, wire::DeviceTypeAdded, wire::OrganisationCreated,
      wire::UserCreated, wire::UserDisabled, wire::UserEnabled, wire::TokenIssued,
      wire::TokenRevoked, wire::FleetCreated, wire::FleetMemberSet, wire::FleetMemberRemoved,
      wire::FleetPinned, wire::FleetTrackingLatest, wire::FleetTargetChanged, wire::ReleaseCreated,
      wire::ReleaseFinished, wire::ReleaseFinalized, wire::ReleaseInvalidated,
      wire::ReleaseValidated, wire::ReleaseDeleted, wire::DeviceRegistered, wire::DeviceRenamed,
      wire::DeviceNoted, wire::DeviceTagged, wire::DevicePinned, wire::DeviceTrackingFleet,
      wire::DeviceRunningChanged, wire::DeviceSoftwareChanged, wire::DeviceBooted,
      wire::DeviceEncodingChanged, wire::DeviceKeyRotated, wire::DeviceKeyRetired,
      wire::ProvisioningKeyIssued, wire::ProvisioningKeyRevoked, wire::SavedViewCreated,
      wire::SavedViewRemoved, wire::OrganisationMemberSet, wire::OrganisationMemberRemoved,
      wire::ActionQueued, wire::FleetActionQueued, wire::ActionSkipped, wire::ActionMerged,
      wire::ActionPublished, wire::ActionDelivered, wire::ActionStarted, wire::ActionEnded,
      wire::ActionCancelRequested, wire::FleetActionEnded, wire::ActionLateResult,
      wire::DeviceMoved, wire::DevicePublicUrlSet, wire::FleetPublicUrlsSet,
      wire::DeviceLockOverrideSet, wire::DeviceLocalModeSet, wire::DeviceSettingSkipped,
      wire::DeviceSupportGranted, wire::DeviceSupportEnded, wire::FleetSupportGranted,
      wire::FleetSupportEnded, wire::DeviceTypeChanged, wire::DeviceDeactivated,
      wire::DeviceReactivated, wire::DeviceDeleted, wire::FleetTypeChanged, wire::FleetRenamed,
      wire::FleetTransferred, wire::FleetDeleted, wire::OrganisationBillingSet, wire::LogRestored,
      wire::UserErased, wire::NotesErased>(reader, envelope);
}

}  // namespace

Result<Event> payload_from_wire(const wire::Envelope& envelope, const SubjectKeys& keys) {
  PayloadReader reader(keys);
  Event event = read_payload(reader, envelope);
  if (reader.problem) {
    return tl::unexpected(*std::move(reader.problem));
  }
  return event;
}

}  // namespace muster
