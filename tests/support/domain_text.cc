#include "tests/support/domain_text.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "core/base/overloaded.h"
#include "tests/support/action_text.h"
#include "tests/support/lifecycle_text.h"

namespace muster::test {
namespace {

template <typename Id>
std::string maybe(const std::optional<Id>& id) {
  return id ? fmt::format("{}", id->value()) : "-";
}

std::string maybe(const std::optional<std::uint32_t>& number) {
  return number ? fmt::format("{}", *number) : "-";
}

std::string maybe(const std::optional<Role>& role) {
  return role ? std::string(to_string(*role)) : "-";
}

std::string_view word(TargetCause cause) {
  switch (cause) {
    case TargetCause::fleet_pinned:
      return "fleet-pinned";
    case TargetCause::fleet_tracking_latest:
      return "fleet-tracking-latest";
    case TargetCause::release_eligible:
      return "release-eligible";
    case TargetCause::release_ineligible:
      return "release-ineligible";
  }
  return "?";
}

std::string text_of(const Reach& reach) {
  return fmt::format("following={} pinned={}", reach.following, reach.pinned);
}

std::string text_of(const DeviceTagged& e) {
  std::string text = fmt::format("{}", e.id.value());
  for (const Tag& tag : e.set) text += fmt::format(" {}={}", tag.key, tag.value);
  for (const std::string& key : e.removed) text += fmt::format(" -{}", key);
  return text;
}

std::string text_of(const ReleaseCreated& e) {
  return fmt::format("{} fleet={} {} {} rev={} {}{}{}", e.id.value(), e.fleet.value(), e.commit,
                     e.semver, maybe(e.revision), to_string(e.status),
                     e.note.empty() ? "" : fmt::format(" note={}", e.note),
                     e.manifest.empty() ? "" : fmt::format(" manifest={}", e.manifest));
}

std::string text_of(const ReleaseFinished& e) {
  return fmt::format("{} {}{}", e.id.value(), to_string(e.status),
                     e.manifest.empty() ? "" : fmt::format(" manifest={}", e.manifest));
}

std::string text_of(const FleetTargetChanged& e) {
  return fmt::format("{} from={} to={} {}", e.fleet.value(), maybe(e.from), e.to.value(),
                     word(e.cause));
}

std::string text_of(const FleetCreated& e) {
  return fmt::format("{} {} name={} org={} device-type={} {}", e.id.value(), e.slug, e.name,
                     e.organisation.value(), e.device_type.value(), to_string(e.type));
}

std::string text_of(const DeviceTypeAdded& e) {
  return fmt::format("{} {} name={} {}{}", e.id.value(), e.slug, e.name, e.architecture,
                     e.os_update_supported ? " os-update" : "");
}

std::string text_of(const OrganisationCreated& e) {
  return fmt::format("{} {} name={} administrator={}", e.id.value(), e.handle, e.name,
                     e.administrator.value());
}

std::string text_of(const FleetMemberSet& e) {
  return fmt::format("{} user={} {}", e.fleet.value(), e.user.value(), to_string(e.role));
}

std::string text_of(const FleetMemberRemoved& e) {
  return fmt::format("{} user={}", e.fleet.value(), e.user.value());
}

std::string text_of(const OrganisationMemberSet& e) {
  return fmt::format("{} user={} {}", e.organisation.value(), e.user.value(), to_string(e.role));
}

std::string text_of(const OrganisationMemberRemoved& e) {
  return fmt::format("{} user={}", e.organisation.value(), e.user.value());
}

std::string text_of(const TokenIssued& e) {
  return fmt::format("{} user={} {} limit={}{}", e.id.value(), e.user.value(), e.name,
                     maybe(e.role_limit), e.expires_at ? " expires" : "");
}

std::string text_of(const DeviceRegistered& e) {
  const std::string key =
      e.provisioning_key ? fmt::format(" provisioning-key={}", e.provisioning_key->value()) : "";
  return fmt::format("{} {} fleet={} device-type={} name={}{}{}{}", e.id.value(), to_string(e.uuid),
                     e.fleet.value(), e.device_type.value(), e.name,
                     e.encoding ? fmt::format(" {}", to_string(*e.encoding)) : "", key,
                     e.previous ? fmt::format(" previous={}", e.previous->value()) : "");
}

std::string text_of(const DeviceSoftwareChanged& e) {
  return fmt::format("{} os={} {} agent={}", e.id.value(), e.os_version, to_string(e.os_variant),
                     e.agent_version);
}

std::string text_of(const DeviceMoved& e) {
  return fmt::format("{} {} -> {} pin={} was={} data-of={}", e.id.value(), e.from.value(),
                     e.to.value(), maybe(e.pin), maybe(e.previous_pin), maybe(e.data_of));
}

template <typename Id>
std::string id(const Id& value) {
  return fmt::format("{}", value.value());
}

std::string text_of(const SavedViewCreated& e) {
  return fmt::format("{} {} owner={} fleet={} filter={}", id(e.id), e.name, id(e.owner),
                     maybe(e.shared_with), e.filter);
}

std::string text_of(const DeviceKeyRotated& e) {
  return fmt::format("{} was={}{}", id(e.id), e.previous.value(), e.at_once ? " at-once" : "");
}

std::string text_of(const DevicePinned& e) {
  return fmt::format("{} release={} was={}", id(e.id), id(e.release), maybe(e.previous_pin));
}

/// What an event says, without its name.
std::string details_of(const Event& event) {
  return std::visit(
      Overloaded{
          [](const LogCreated& e) { return fmt::format("epoch={}", e.epoch); },
          [](const LogRestored& e) { return fmt::format("epoch={} was={}", e.epoch, e.previous); },
          [](const NotesErased& e) {
            return fmt::format("{} devices={} releases={}", id(e.user), e.devices.size(),
                               e.releases.size());
          },
          [](const ClockAccepted&) { return std::string("-"); },
          [](const DeviceTypeAdded& e) { return text_of(e); },
          [](const OrganisationCreated& e) { return text_of(e); },
          [](const OrganisationMemberSet& e) { return text_of(e); },
          [](const OrganisationMemberRemoved& e) { return text_of(e); },
          [](const UserCreated& e) {
            return fmt::format("{} {} roles={}", id(e.id), e.username, e.instance_roles);
          },
          [](const TokenIssued& e) { return text_of(e); },
          [](const FleetCreated& e) { return text_of(e); },
          [](const FleetMemberSet& e) { return text_of(e); },
          [](const FleetMemberRemoved& e) { return text_of(e); },
          [](const FleetPinned& e) {
            return fmt::format("{} release={} {}", id(e.fleet), id(e.release), text_of(e.reach));
          },
          [](const FleetTrackingLatest& e) {
            return fmt::format("{} {}", id(e.fleet), text_of(e.reach));
          },
          [](const FleetTargetChanged& e) { return text_of(e); },
          [](const ReleaseCreated& e) { return text_of(e); },
          [](const ReleaseFinished& e) { return text_of(e); },
          [](const ReleaseFinalized& e) { return fmt::format("{} rev={}", id(e.id), e.revision); },
          [](const ReleaseInvalidated& e) { return fmt::format("{} {}", id(e.id), e.reason); },
          [](const DeviceRegistered& e) { return text_of(e); },
          [](const DeviceRenamed& e) { return fmt::format("{} {}", id(e.id), e.name); },
          [](const DeviceNoted& e) { return fmt::format("{} {}", id(e.id), e.note); },
          [](const DeviceTagged& e) { return text_of(e); },
          [](const DevicePinned& e) { return text_of(e); },
          [](const DeviceTrackingFleet& e) {
            return fmt::format("{} was={}", id(e.id), id(e.previous_pin));
          },
          [](const DeviceRunningChanged& e) { return fmt::format("{} {}", id(e.id), e.commit); },
          [](const DeviceSoftwareChanged& e) { return text_of(e); },
          [](const DeviceBooted& e) { return fmt::format("{} {}", id(e.id), e.boot); },
          [](const DeviceEncodingChanged& e) {
            return fmt::format("{} {}", id(e.id), to_string(e.encoding));
          },
          [](const DeviceKeyRotated& e) { return text_of(e); },
          [](const DeviceKeyRetired& e) {
            return fmt::format("{} generation={}", id(e.id), e.generation.value());
          },
          [](const ProvisioningKeyIssued& e) {
            return fmt::format("{} fleet={} {} uses={}", id(e.id), id(e.fleet), e.name, e.uses);
          },
          [](const SavedViewCreated& e) { return text_of(e); },
          [](const DeviceMoved& e) { return text_of(e); },
          [](const auto& e) {
            if constexpr (requires { lifecycle_text(e); }) {
              return lifecycle_text(e);
            } else if constexpr (requires { action_text(e); }) {
              return action_text(e);
            } else {
              return id(e.id);
            }
          },
      },
      event);
}

}  // namespace

std::string text_of(const Event& event) {
  return fmt::format("{} {}", name_of(event), details_of(event));
}

std::string text_of(const std::vector<Event>& events) {
  if (events.empty()) return "nothing";
  std::string text;
  for (const Event& event : events) {
    if (!text.empty()) text += "; ";
    text += text_of(event);
  }
  return text;
}

std::string text_of(const Decision& decision) {
  if (!decision) return fmt::format("refused: {}", code_of(decision.error().code));
  return text_of(*decision);
}

}  // namespace muster::test
