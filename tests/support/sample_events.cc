#include "tests/support/sample_events.h"

#include <chrono>

namespace muster::test {
namespace {

Timestamp at(std::int64_t seconds) {
  return Timestamp(std::chrono::seconds(seconds) + std::chrono::microseconds(125));
}

template <typename Bytes>
Bytes filled(std::uint8_t first) {
  Bytes bytes{};
  for (auto& byte : bytes) {
    byte = first++;
  }
  return bytes;
}

Uuid uuid(std::uint8_t first) { return Uuid{filled<decltype(Uuid::bytes)>(first)}; }

const char* const commit = "4f1c2a9be07d5566778899aabbccddeeff001122";

std::vector<Event> organisation_events() {
  return {
      LogCreated{uuid(1), 1'732'233'600},
      ClockAccepted{at(1'732'233'600), at(1'832'233'600)},
      DeviceTypeAdded{DeviceTypeId(3), "raspberrypi4-64", "Raspberry Pi 4", "aarch64", true},
      OrganisationCreated{OrganisationId(2), "acme", "Acme Größe", UserId(4)},
      UserCreated{UserId(4), "ada", 5},
      UserDisabled{UserId(4)},
      UserEnabled{UserId(4)},
      TokenIssued{TokenId(6), UserId(4), "laptop", filled<Digest>(9), Role::developer,
                  at(1'800'000'000)},
      TokenRevoked{TokenId(6)},
  };
}

std::vector<Event> fleet_events() {
  const FleetId fleet(7);
  return {
      FleetCreated{fleet, uuid(40), OrganisationId(2), "Kiosks", "acme/kiosks", DeviceTypeId(3),
                   FleetType::legacy},
      FleetMemberSet{fleet, UserId(4), Role::administrator},
      FleetMemberRemoved{fleet, UserId(4)},
      FleetPinned{fleet, ReleaseId(31), Reach{100, 7}},
      FleetTrackingLatest{fleet, Reach{99, 8}},
      FleetTargetChanged{fleet, ReleaseId(30), ReleaseId(31), TargetCause::release_ineligible},
      ReleaseCreated{ReleaseId(31), fleet, commit, "1.4.2", 2, ReleaseStatus::success,
                     "built by hand", R"({"services":{}})"},
      ReleaseFinished{ReleaseId(31), ReleaseStatus::cancelled, R"({"url":"x"})"},
      ReleaseFinalized{ReleaseId(31), 3},
      ReleaseInvalidated{ReleaseId(31), "eats batteries"},
      ReleaseValidated{ReleaseId(31)},
      ReleaseDeleted{ReleaseId(31)},
  };
}

std::vector<Event> device_events() {
  const DeviceId device(4'000'000'000);
  return {
      DeviceRegistered{device, uuid(80), FleetId(7), DeviceTypeId(3), "lobby"},
      DeviceRenamed{device, "lobby-2"},
      DeviceNoted{device, "ask Ada for the key"},
      DeviceTagged{device, {Tag{"floor", "2"}, Tag{"wing", ""}}, {"room", "desk"}},
      DevicePinned{device, ReleaseId(31), ReleaseId(30)},
      DeviceTrackingFleet{device, ReleaseId(31)},
      DeviceRunningChanged{device, commit},
      DeviceSoftwareChanged{device, "6.1.24", OsVariant::development, "16.1.0"},
      DeviceBooted{device, "b00t"},
      DeviceEncodingChanged{device, Encoding::flatbuffers},
      DeviceKeyRotated{device, Sequence(8'000'000'000), true},
      DeviceKeyRetired{device, Sequence(8'000'000'001)},
      ProvisioningKeyIssued{ProvisioningKeyId(12), FleetId(7), "line-3", filled<Digest>(90), 500,
                            at(1'732'300'000)},
      ProvisioningKeyRevoked{ProvisioningKeyId(12)},
      DeviceRegistered{
          device, uuid(80), FleetId(7), DeviceTypeId(3), "lobby", {}, ProvisioningKeyId(12)},
      DevicePinned{device, ReleaseId(31), {}, Reach{.following = 900, .pinned = 1}},
      DeviceTrackingFleet{device, ReleaseId(31), Reach{.following = 901, .pinned = 0}},
  };
}

std::vector<Event> view_events() {
  return {
      SavedViewCreated{SavedViewId(2), UserId(4), "berlin", "tag.site = berlin", FleetId(7)},
      SavedViewRemoved{SavedViewId(2)},
      SavedViewCreated{.id = SavedViewId(3), .owner = UserId(4)},
  };
}

std::vector<Event> member_events() {
  return {
      OrganisationMemberSet{OrganisationId(2), UserId(4), OrganisationRole::administrator},
      OrganisationMemberRemoved{OrganisationId(2), UserId(4)},
  };
}

std::vector<Event> setting_events() {
  const DeviceId device(4'000'000'000);
  const FleetId fleet(7);
  return {
      DevicePublicUrlSet{device, true},
      FleetPublicUrlsSet{fleet, true, 40},
      DeviceLockOverrideSet{device, true, true, Sequence(8'000'000'000)},
      DeviceLocalModeSet{device, true},
      DeviceSettingSkipped{device, Setting::local_mode, SettingSkip::not_development},
      DeviceSupportGranted{device, at(1'732'300'000)},
      DeviceSupportEnded{device, GrantEnd::expired},
      FleetSupportGranted{fleet, at(1'732'300'000)},
      FleetSupportEnded{fleet, GrantEnd::revoked},
  };
}

std::vector<Event> life_events() {
  const DeviceId device(4'000'000'000);
  const FleetId fleet(7);
  return {
      DeviceTypeChanged{device, DeviceTypeId(3), DeviceTypeId(2)},
      DeviceDeactivated{device, OrganisationId(2)},
      DeviceReactivated{device},
      DeviceDeleted{device, ReleaseId(31)},
      DeviceDeleted{device, {}},
      DeviceRegistered{device, uuid(80), fleet, DeviceTypeId(3), "lobby", {}, {}, DeviceId(3)},
      FleetTypeChanged{fleet, FleetType::essentials, FleetType::legacy, 12},
      FleetRenamed{fleet, "Lobby", "acme/lobby", "acme/kiosks"},
      FleetTransferred{fleet, OrganisationId(3), OrganisationId(2), "zeta/lobby", "acme/lobby",
                       FleetId(8), UserId(4)},
      FleetDeleted{fleet, 40},
      OrganisationBillingSet{OrganisationId(2), true},
  };
}

std::vector<Event> action_events() {
  const DeviceId device(4'000'000'000);
  const FleetId fleet(7);
  const Sequence n(9'007'199'254'740'991);
  const ActionOrder update{
      ActionKind::os_update, "2.98.33+rev1", true, at(1'733'000'000), 7'200, 50, 3};
  return {
      ActionQueued{device, update, false},
      ActionQueued{device, {.kind = ActionKind::purge}, true},
      FleetActionQueued{fleet, update, 100'000, DeviceId(120'000)},
      ActionSkipped{fleet, EndCause::agent_too_old, {DeviceId(3), device}},
      ActionMerged{device, fleet, n, at(1'733'000'001)},
      ActionPublished{device, fleet, n, 7},
      ActionDelivered{device, fleet, n},
      ActionStarted{device, fleet, n, "b00t"},
      ActionEnded{device, fleet, n, ActionState::rejected, EndCause::answered, -423, "locked",
                  true},
      ActionCancelRequested{device, fleet, n, EndCause::type_changed},
      FleetActionEnded{fleet, n, ActionState::superseded, EndCause::replaced, 99'000},
      ActionLateResult{device, fleet, n, ActionState::failed, 5, "too late"},
      DeviceMoved{device, fleet, FleetId(8), ReleaseId(41), ReleaseId(31), fleet},
      ActionQueued{.device = DeviceId(1)},
      FleetActionQueued{.fleet = fleet},
      ActionSkipped{.devices = {DeviceId(1)}},
      ActionMerged{.device = DeviceId(1)},
      ActionPublished{.device = DeviceId(1)},
      ActionStarted{.device = DeviceId(1)},
      ActionEnded{.device = DeviceId(1)},
      ActionLateResult{.device = DeviceId(1)},
      DeviceMoved{.id = DeviceId(1), .from = fleet, .to = FleetId(8)},
  };
}

std::vector<Event> loss_events() {
  return {
      LogRestored{1'732'233'700, 1'732'233'600, Sequence(9'007)},
      LogRestored{1'732'233'700, 1'732'233'600, {}},
      UserErased{UserId(4)},
      NotesErased{UserId(4), {DeviceId(3), DeviceId(4'000'000'000)}, {ReleaseId(31)}},
      NotesErased{.user = UserId(4), .devices = {}, .releases = {}},
  };
}

std::vector<Event> bare_events() {
  return {
      TokenIssued{.id = TokenId(6), .user = UserId(4)},
      FleetTargetChanged{.fleet = FleetId(7), .to = ReleaseId(31)},
      ReleaseCreated{.id = ReleaseId(32), .fleet = FleetId(7), .commit = commit},
      ReleaseCreated{.id = ReleaseId(33), .fleet = FleetId(7), .commit = commit, .revision = 0},
      DeviceNoted{.id = DeviceId(1)},
      DeviceTagged{.id = DeviceId(1)},
      DevicePinned{.id = DeviceId(1), .release = ReleaseId(31)},
      DeviceRunningChanged{.id = DeviceId(1)},
      DeviceSoftwareChanged{.id = DeviceId(1)},
      DeviceRegistered{.id = DeviceId(1), .encoding = Encoding::flatbuffers},
  };
}

EventMeta full_meta() {
  return EventMeta{.at = at(1'732'233'600),
                   .actor = Actor{UserId(4), TokenId(6)},
                   .token_name = "laptop",
                   .command = Ulid{filled<decltype(Ulid::bytes)>(100)},
                   .idempotency = Idempotency{"retry-1", filled<Digest>(200)},
                   .reason = "canary",
                   .causes = {Sequence(3), Sequence((std::uint64_t{1} << 53U) - 1)},
                   .index = 1,
                   .count = 3};
}

}  // namespace

std::vector<Recorded> sample_events() {
  std::vector<Recorded> samples;
  const auto add = [&samples](const EventMeta& meta, const std::vector<Event>& events) {
    for (const Event& event : events) {
      samples.push_back(Recorded{Sequence(samples.size() + 1), meta, event});
    }
  };
  add(full_meta(), organisation_events());
  add(full_meta(), fleet_events());
  add(full_meta(), device_events());
  add(EventMeta{.at = at(-1)}, bare_events());
  add(full_meta(), view_events());
  add(full_meta(), member_events());
  add(full_meta(), action_events());
  add(full_meta(), setting_events());
  add(full_meta(), life_events());
  add(full_meta(), loss_events());
  return samples;
}

Recorded sample_pin(Sequence sequence) {
  EventMeta meta = full_meta();
  meta.causes.clear();
  meta.idempotency.reset();
  return Recorded{sequence, std::move(meta),
                  DevicePinned{DeviceId(static_cast<std::uint32_t>(sequence.value())),
                               ReleaseId(31), std::nullopt}};
}

}  // namespace muster::test
