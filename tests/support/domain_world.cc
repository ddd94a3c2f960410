#include "tests/support/domain_world.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "core/domain/check/transition.h"
#include "core/domain/evolve.h"
#include "tests/support/domain_text.h"

namespace muster::test {

World::World() {
  given(DeviceTypeAdded{DeviceTypeId{1}, "pi4", "Pi 4", "aarch64", true});
  given(DeviceTypeAdded{DeviceTypeId{2}, "pi4-lite", "Pi 4 Lite", "aarch64", true});
  given(DeviceTypeAdded{DeviceTypeId{3}, "nuc", "NUC", "amd64", false});
  user("root", static_cast<std::uint8_t>(InstanceRole::administrator));
  user("owner");
  given(OrganisationCreated{acme, "acme", "Acme", owner.user});
}

void World::given(Event event) { append(std::move(event), {}); }

void World::append(Event event, EventMeta meta) {
  head_ = next(head_);
  now_ += std::chrono::seconds{1};
  meta.at = now_;
  evolve(state_, Recorded{.sequence = head_, .meta = std::move(meta), .event = std::move(event)});
}

Actor World::user(const std::string& name, std::uint8_t instance_roles) {
  const UserId id = state_.next_user();
  given(UserCreated{.id = id, .username = name, .instance_roles = instance_roles});
  return token(id, std::nullopt);
}

Actor World::token(UserId user, std::optional<Role> limit, std::optional<Timestamp> expires) {
  const TokenId id = state_.next_token();
  given(TokenIssued{.id = id,
                    .user = user,
                    .name = fmt::format("token-{}", id.value()),
                    .secret_hash = {},
                    .role_limit = limit,
                    .expires_at = expires});
  return Actor{user, id};
}

FleetId World::fleet(const std::string& name) {
  const FleetId id = state_.next_fleet();
  given(FleetCreated{.id = id,
                     .uuid = {},
                     .organisation = acme,
                     .name = name,
                     .slug = fmt::format("acme/{}", name),
                     .device_type = DeviceTypeId{1}});
  return id;
}

void World::member(FleetId fleet, const Actor& user, Role role) {
  given(FleetMemberSet{.fleet = fleet, .user = user.user, .role = role});
}

ReleaseId World::release(FleetId fleet, GivenRelease release) {
  const ReleaseId id = state_.next_release();
  given(ReleaseCreated{.id = id,
                       .fleet = fleet,
                       .commit = std::move(release.commit),
                       .semver = std::move(release.semver),
                       .revision = release.revision,
                       .status = release.status,
                       .note = {},
                       .manifest = std::move(release.manifest)});
  return id;
}

DeviceId World::device(FleetId fleet) {
  const DeviceId id = state_.next_device();
  given(DeviceRegistered{.id = id,
                         .uuid = *parse_uuid(uuid_text(id)),
                         .fleet = fleet,
                         .device_type = DeviceTypeId{1},
                         .name = fmt::format("device-{}", id.value())});
  return id;
}

void World::pinned(FleetId fleet, ReleaseId release) {
  const auto from = of(fleet).target;
  given(FleetPinned{.fleet = fleet, .release = release, .reach = {}});
  if (from == release) return;
  given(FleetTargetChanged{fleet, from, release, TargetCause::fleet_pinned});
}

void World::targets(FleetId fleet, ReleaseId release) {
  given(FleetTargetChanged{fleet, of(fleet).target, release, TargetCause::release_eligible});
}

void World::pinned(DeviceId device, ReleaseId release) {
  given(DevicePinned{.id = device, .release = release, .previous_pin = of(device).pin});
}

Decision World::decision(CommandBody body, const How& how) const {
  Command command;
  command.actor = how.by.value_or(owner);
  command.reason = how.reason;
  if (how.version) command.expect_version = Sequence{*how.version};
  command.expect_count = how.count;
  command.confirmed = how.confirmed;
  command.body = std::move(body);
  Decision decided = decide(state_, command, now_);
  if (decided) check_follows(*decided, command.actor);
  return decided;
}

/// An audit must find nothing wrong with what was decided.
void World::check_follows(const std::vector<Event>& events, const Actor& actor) const {
  State state = state_;
  TransitionCheck check;
  Recorded recorded{.sequence = head_, .meta = {.at = now_, .actor = actor}, .event = {}};
  recorded.meta.count = static_cast<std::uint32_t>(events.size());
  for (const Event& event : events) {
    recorded.sequence = next(recorded.sequence);
    recorded.event = event;
    if (const auto wrong = check.next(state, recorded)) {
      throw std::logic_error(fmt::format("{} cannot follow: {} ({})", text_of(event), wrong->what,
                                         to_string(wrong->fault)));
    }
    evolve(state, recorded);
    ++recorded.meta.index;
  }
}

std::string World::when(CommandBody body, const How& how) const {
  return text_of(decision(std::move(body), how));
}

std::string World::perform(CommandBody body, const How& how) {
  const Decision decided = decision(std::move(body), how);
  if (!decided) return text_of(decided);
  EventMeta meta;
  meta.actor = how.by.value_or(owner);
  meta.command = command_after(head_);
  meta.count = static_cast<std::uint32_t>(decided->size());
  for (const Event& event : *decided) {
    append(event, meta);
    ++meta.index;
  }
  return text_of(decided);
}

Target World::target(DeviceId id) const { return target_in(state_, of(id)); }

Ulid command_after(Sequence head) {
  Ulid id;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(head.value() >> (8 * i));
  }
  return id;
}

std::string uuid_text(std::uint32_t number) { return fmt::format("{:032x}", number); }

std::string commit(std::string_view digits) { return fmt::format("{:0<40}", digits); }

Target target_in(const State& state, const Device& device) {
  const Fleet& fleet = *state.find(device.fleet);
  const auto wanted = target_release(device, fleet);
  return target_of(device, fleet, wanted ? state.find(*wanted) : nullptr);
}

}  // namespace muster::test
