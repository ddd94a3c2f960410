#include "tests/projections/history.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/domain/actions/queue.h"
#include "core/domain/evolve.h"

namespace muster::test {
namespace {

Uuid uuid_of(std::uint64_t number) {
  Uuid uuid;
  const Digest digest = sha256({as_bytes(fmt::format("{}", number))});
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  return uuid;
}

Digest digest_of(std::uint64_t number) { return sha256({as_bytes(fmt::format("t{}", number))}); }

}  // namespace

/// Draws from one number.
class History::Dice {
 public:
  explicit Dice(std::uint64_t seed) : seed_(seed) {}

  /// Below `sides`.
  std::uint32_t roll(std::size_t sides) {
    seed_ += 0x9e3779b97f4a7c15ULL;  // splitmix64
    std::uint64_t z = seed_;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return static_cast<std::uint32_t>((z ^ (z >> 31U)) % sides);
  }

  template <typename Id>
  Id below(Id next) {
    return Id{1 + roll(next.value() - 1)};
  }

 private:
  std::uint64_t seed_;
};

History::History() {
  record({LogCreated{.log = uuid_of(0), .epoch = 1}});
  record({DeviceTypeAdded{state_.next_device_type(), "raspberrypi4-64", "Pi 4", "aarch64", true}});
  record({UserCreated{state_.next_user(), "ada", 1},
          TokenIssued{state_.next_token(), UserId{1}, "first", digest_of(1), {}, {}}});
  record({OrganisationCreated{state_.next_organisation(), "acme", "Acme", UserId{1}}});
  record({FleetCreated{state_.next_fleet(), uuid_of(1), OrganisationId{1}, "f1", "acme/f1",
                       DeviceTypeId{1}, FleetType::microservices}});
}

void History::record(std::vector<Event> events) {
  const std::uint64_t first = events_.size() + 1;
  const auto count = static_cast<std::uint32_t>(events.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    EventMeta meta;
    meta.at = Timestamp{std::chrono::microseconds{1'700'000'000'000'000 + 1'000 * first}};
    meta.actor = {UserId{1}, TokenId{1}};
    meta.token_name = "first";
    std::ranges::copy(uuid_of(first).bytes, meta.command.bytes.begin());
    meta.index = i;
    meta.count = count;
    if (first % 3 == 0) meta.idempotency = {fmt::format("key {}", first), digest_of(first)};
    events_.push_back({Sequence{first + i}, std::move(meta), std::move(events[i])});
    evolve(state_, events_.back());
  }
}

void History::add(std::uint64_t choice) {
  Dice dice(choice);
  switch (dice.roll(10)) {
    case 8:
    case 9:
      return record(of_actions(dice));
    case 0:
      return record(of_organisation(dice));
    case 1:
      return record(of_fleet(dice));
    case 2:
      return record(of_release(dice));
    case 3:
      return record(report(dice));
    case 4:
    case 5:
      return record(of_device(dice));
    default:
      return record(pin(dice));
  }
}

std::vector<Event> History::of_organisation(Dice& dice) const {
  const auto number = events_.size();
  const UserId user = dice.below(state_.next_user());
  const OrganisationId organisation = dice.below(state_.next_organisation());
  switch (dice.roll(10)) {
    case 0:
      return {UserCreated{state_.next_user(), fmt::format("user{}", number), 0}};
    case 1:
      return {UserDisabled{user}};
    case 2:
      return {UserEnabled{user}};
    case 3:
      return {TokenIssued{state_.next_token(), user, "t", digest_of(number), Role::developer,
                          Timestamp{std::chrono::hours{number}}}};
    case 4:
      return {TokenRevoked{dice.below(state_.next_token())}};
    case 5:
      return {SavedViewCreated{state_.next_saved_view(), user, fmt::format("view{}", number),
                               "online", std::nullopt}};
    case 6:
      if (state_.saved_views().empty()) return {UserEnabled{user}};
      return {SavedViewRemoved{dice.below(state_.next_saved_view())}};
    case 7:
      return {OrganisationMemberSet{organisation, user, OrganisationRole::member}};
    case 8:
      return {OrganisationMemberRemoved{organisation, user}};
    default:
      return {
          OrganisationCreated{state_.next_organisation(), fmt::format("org{}", number), "", user}};
  }
}

std::vector<Event> History::of_fleet(Dice& dice) const {
  const auto number = events_.size();
  const FleetId fleet = dice.below(state_.next_fleet());
  switch (dice.roll(5)) {
    case 0:
      return {FleetCreated{state_.next_fleet(), uuid_of(number), OrganisationId{1}, "f",
                           fmt::format("acme/f{}", number), DeviceTypeId{1}, FleetType::starter}};
    case 1:
      return {FleetMemberSet{fleet, dice.below(state_.next_user()), Role::fleet_operator}};
    case 2:
      return {FleetMemberRemoved{fleet, dice.below(state_.next_user())}};
    case 3:
      return {FleetTrackingLatest{fleet, {}}};
    default:
      break;
  }
  const auto& releases = state_.releases_of(fleet);
  if (releases.empty()) return {FleetTrackingLatest{fleet, {}}};
  const ReleaseId release = releases[dice.roll(releases.size())];
  return {FleetPinned{fleet, release, {}},
          FleetTargetChanged{fleet, state_.find(fleet)->target, release}};
}

std::vector<Event> History::of_release(Dice& dice) const {
  const auto number = events_.size();
  const FleetId fleet = dice.below(state_.next_fleet());
  const auto& releases = state_.releases_of(fleet);
  const auto kind = dice.roll(7);
  if (releases.empty() || kind < 2) {
    const std::optional<std::uint32_t> revision =
        kind == 0 ? std::nullopt : std::optional<std::uint32_t>(1);
    return {ReleaseCreated{state_.next_release(), fleet, to_string(uuid_of(number)), "1.0.0",
                           revision, ReleaseStatus::running, "a note", ""}};
  }
  const ReleaseId release = releases[dice.roll(releases.size())];
  switch (kind) {
    case 2:
      return {ReleaseFinished{release, ReleaseStatus::success, R"({"a":1})"}};
    case 3:
      return {ReleaseFinalized{release, 2}};
    case 4:
      return {ReleaseInvalidated{release, "broken"}};
    case 5:
      return {ReleaseValidated{release}};
    default:
      return {ReleaseDeleted{release}};
  }
}

std::vector<Event> History::of_device(Dice& dice) const {
  const auto number = events_.size();
  const auto kind = dice.roll(8);
  if (state_.devices().empty() || kind < 2) {
    return {DeviceRegistered{state_.next_device(), uuid_of(number), dice.below(state_.next_fleet()),
                             DeviceTypeId{1}, fmt::format("device {}", number)}};
  }
  const DeviceId device = dice.below(state_.next_device());
  switch (kind) {
    case 2:
      return {DeviceRenamed{device, fmt::format("name {}", number)}};
    case 3:
      return {DeviceNoted{device, "a note"}};
    case 4:
    case 5:
      return rotation(dice, device);
    case 6:
      return provisioning(dice);
    default:
      return {DeviceTagged{device, {{fmt::format("k{}", dice.roll(3)), "v"}}, {"k0"}}};
  }
}

/// A new key of the device, or the end of those before its newest one.
std::vector<Event> History::rotation(Dice& dice, DeviceId device) const {
  const Device& row = *state_.find(device);
  if (row.key_minimum < row.key_generation && dice.roll(2) == 0) {
    return {DeviceKeyRetired{device, row.key_generation}};
  }
  return {DeviceKeyRotated{device, row.key_generation, dice.roll(3) == 0}};
}

/// A new provisioning key, or the use or the end of one.
std::vector<Event> History::provisioning(Dice& dice) const {
  const auto number = events_.size();
  const auto kind = dice.roll(3);
  const bool none = state_.next_provisioning_key() == ProvisioningKeyId{1};
  if (none || kind == 0) {
    return {ProvisioningKeyIssued{state_.next_provisioning_key(), dice.below(state_.next_fleet()),
                                  fmt::format("key {}", number), digest_of(number), 10,
                                  Timestamp{std::chrono::hours{number}}}};
  }
  const ProvisioningKeyId key = dice.below(state_.next_provisioning_key());
  if (kind == 1) return {ProvisioningKeyRevoked{key}};
  return {DeviceRegistered{state_.next_device(),
                           uuid_of(number),
                           state_.find(key)->fleet,
                           DeviceTypeId{1},
                           fmt::format("device {}", number),
                           {},
                           key}};
}

std::vector<Event> History::report(Dice& dice) const {
  if (state_.devices().empty()) return of_device(dice);
  const DeviceId device = dice.below(state_.next_device());
  return {
      DeviceRunningChanged{device, "c0ffee"},
      DeviceSoftwareChanged{device, "1.2.3", OsVariant::production, "0.1.0"},
      DeviceBooted{device, "b7"},
      DeviceEncodingChanged{device, dice.roll(2) == 0 ? Encoding::json : Encoding::flatbuffers}};
}

/// Pins up to four devices to releases of their fleets, or has pinned ones follow again.
std::vector<Event> History::pin(Dice& dice) const {
  if (state_.devices().empty()) return of_device(dice);
  std::vector<Event> events;
  const std::uint32_t count = std::min<std::uint32_t>(4, state_.next_device().value() - 1);
  const std::uint32_t first = 1 + dice.roll(state_.devices().size() - count + 1);
  for (std::uint32_t id = first; id < first + count; ++id) {
    const Device& device = *state_.find(DeviceId{id});
    const auto& releases = state_.releases_of(device.fleet);
    if (device.pin && dice.roll(2) == 0) {
      events.emplace_back(DeviceTrackingFleet{device.id, *device.pin});
    } else if (!releases.empty()) {
      const ReleaseId release = releases[dice.roll(releases.size())];
      events.emplace_back(DevicePinned{device.id, release, device.pin});
    }
  }
  return events.empty() ? of_release(dice) : events;
}

/// What the rules make of some command about actions, or of a move.
std::vector<Event> History::of_actions(Dice& dice) const {
  if (state_.devices().empty()) return of_device(dice);
  Command command;
  command.confirmed = true;
  command.body = action_command(dice);
  auto decided = decide(state_, command, events_.back().meta.at + std::chrono::seconds{1});
  return decided && !decided->empty() ? *std::move(decided) : of_device(dice);
}

CommandBody History::action_command(Dice& dice) const {
  const Device& device = *state_.find(dice.below(state_.next_device()));
  const OpenActions& open = state_.open_actions();
  const auto head = head_of(device, open.find_queue(device.id), open.find_actions(device.fleet));
  const Sequence n = head ? head->action->n : Sequence{};
  const Ulid id = head ? head->action->id : Ulid{};
  const auto kind = static_cast<ActionKind>(1 + dice.roll(4));
  QueueAction queued;
  queued.order.kind = kind;
  switch (dice.roll(8)) {
    case 0:
      queued.order.max_parallel = dice.roll(3);
      queued.devices.push_back(to_string(device.uuid));
      return queued;
    case 1:
      queued.fleet = state_.find(device.fleet)->slug;
      return queued;
    case 2:
    case 3:
      return PublishAction{device.id, n};
    case 4:
    case 5:
      return AckAction{.device = device.uuid,
                       .n = n,
                       .id = id,
                       .state = static_cast<ActionState>(2 + dice.roll(4)),
                       .message = "said",
                       .boot = "b1"};
    case 6:
      return CancelAction{.action = "it", .devices = {{device.id, n}}, .fleets = {}};
    default:
      return MoveDevices{.devices = {to_string(device.uuid)},
                         .fleet = state_.find(dice.below(state_.next_fleet()))->slug,
                         .pin = {}};
  }
}

std::vector<std::shared_ptr<const Batch>> History::batches(std::size_t commands) const {
  std::vector<std::shared_ptr<const Batch>> all;
  Batch batch;
  std::size_t ended = 0;
  for (const Recorded& recorded : events_) {
    batch.push_back(recorded);
    if (recorded.meta.index + 1 == recorded.meta.count) ++ended;
    if (ended < commands) continue;
    all.push_back(std::make_shared<const Batch>(std::exchange(batch, {})));
    ended = 0;
  }
  if (!batch.empty()) all.push_back(std::make_shared<const Batch>(std::move(batch)));
  return all;
}

History history_of(const std::vector<std::uint64_t>& choices) {
  History history;
  for (const auto choice : choices) history.add(choice);
  return history;
}

History long_history(std::uint64_t seed, std::size_t commands) {
  History history;
  for (std::size_t i = 0; i < commands; ++i) history.add(seed + i * 0x2545f4914f6cdd1dULL);
  return history;
}

}  // namespace muster::test
