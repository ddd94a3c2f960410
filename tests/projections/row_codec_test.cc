#include "projections/row_codec.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <concepts>
#include <string>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

std::string text() { return *rc::gen::arbitrary<std::string>(); }
std::uint32_t number() { return *rc::gen::arbitrary<std::uint32_t>(); }
bool coin() { return *rc::gen::arbitrary<bool>(); }
Sequence sequence() { return Sequence{*rc::gen::arbitrary<std::uint64_t>()}; }
Timestamp time() {
  return Timestamp{std::chrono::microseconds{*rc::gen::arbitrary<std::int64_t>()}};
}
Uuid uuid() {
  return {*rc::gen::container<std::array<std::uint8_t, 16>>(rc::gen::arbitrary<std::uint8_t>())};
}
Digest digest() {
  return *rc::gen::container<std::array<std::uint8_t, 32>>(rc::gen::arbitrary<std::uint8_t>());
}
template <typename Word>
Word word(Word first, Word last) {
  return static_cast<Word>(
      *rc::gen::inRange<int>(static_cast<int>(first), static_cast<int>(last) + 1));
}
std::optional<ReleaseId> some_release() {
  return coin() ? std::optional(ReleaseId{number()}) : std::nullopt;
}

Fleet any_fleet() {
  Fleet row;
  row.id = FleetId{number()};
  row.uuid = uuid();
  row.organisation = OrganisationId{number()};
  row.name = text();
  row.slug = text();
  row.device_type = DeviceTypeId{number()};
  row.type = word(FleetType::starter, FleetType::legacy);
  row.policy = word(FleetPolicy::track_latest, FleetPolicy::pinned);
  row.target = some_release();
  row.target_changed = {sequence(), time()};
  for (std::uint32_t i = number() % 4; i > 0; --i) {
    row.members.emplace_back(UserId{number()}, word(Role::observer, Role::administrator));
  }
  row.devices = number();
  row.pinned_devices = number();
  row.joined = sequence();
  row.vouched = sequence();
  row.deactivated_devices = number();
  row.public_urls = number();
  for (std::uint32_t i = number() % 3; i > 0; --i) {
    row.url_stamps.push_back({{sequence(), time()}, coin()});
  }
  row.support = {time(), time(), {sequence(), time()}, sequence()};
  row.deleted = sequence();
  row.created_at = time();
  row.version = sequence();
  return row;
}

Device any_device() {
  Device row;
  row.id = DeviceId{number()};
  row.uuid = uuid();
  row.fleet = FleetId{number()};
  row.device_type = DeviceTypeId{number()};
  row.lifecycle = word(Lifecycle::active, Lifecycle::deleted);
  row.os_variant = word(OsVariant::unknown, OsVariant::development);
  row.encoding = word(Encoding::json, Encoding::flatbuffers);
  row.encoding_changed = sequence();
  row.pin = some_release();
  row.target_changed = {sequence(), time()};
  row.after_action = sequence();
  row.flags = static_cast<std::uint8_t>(number() % 32);
  row.settled = sequence();
  row.support_until = time();
  row.name = text();
  row.note = text();
  row.note_author = UserId{number()};
  for (std::uint32_t i = number() % 4; i > 0; --i) row.tags.push_back({text(), text()});
  row.os_version = text();
  row.agent_version = text();
  row.running_commit = text();
  row.boot = text();
  row.key_generation = sequence();
  row.key_minimum = sequence();
  if (coin()) row.provisioning_key = ProvisioningKeyId{number()};
  row.created_at = time();
  row.version = sequence();
  return row;
}

Release any_release() {
  Release row;
  row.id = ReleaseId{number()};
  row.fleet = FleetId{number()};
  row.commit = text();
  row.semver = text();
  if (coin()) row.revision = number();
  row.status = word(ReleaseStatus::running, ReleaseStatus::cancelled);
  row.invalidated = coin();
  row.invalidation_reason = text();
  row.note = text();
  row.note_author = UserId{number()};
  row.manifest = text();
  row.deleted = coin();
  row.pinned_devices = number();
  row.created = sequence();
  row.payload_changed = {sequence(), time()};
  row.created_at = time();
  row.version = sequence();
  return row;
}

Token any_token() {
  Token row;
  row.id = TokenId{number()};
  row.user = UserId{number()};
  row.name = text();
  row.secret_hash = digest();
  if (coin()) row.role_limit = word(Role::observer, Role::administrator);
  if (coin()) row.expires_at = time();
  row.revoked = coin();
  row.created_at = time();
  row.version = sequence();
  return row;
}

OpenAction any_action() {
  OpenAction action;
  action.n = sequence();
  action.id.bytes = uuid().bytes;
  action.order = {.kind = word(ActionKind::restart, ActionKind::blink),
                  .os_version = text(),
                  .force = coin(),
                  .deliver_by = coin() ? std::optional(time()) : std::nullopt,
                  .execute_within_s = number(),
                  .max_parallel = number(),
                  .stop_after_failures = number()};
  action.fleet = FleetId{number()};
  action.group = sequence();
  action.by_move = coin();
  for (std::uint32_t i = number() % 3; i > 0; --i) action.requesters.emplace_back(number());
  action.state = word(ActionState::queued, ActionState::skipped);
  action.attempts = number();
  if (coin()) action.delivered_at = time();
  if (coin()) action.cancelling = word(EndCause::answered, EndCause::type_changed);
  action.boot = text();
  return action;
}

DeviceQueue any_queue() {
  DeviceQueue row;
  row.id = DeviceId{number()};
  row.joined = sequence();
  row.done = sequence();
  for (std::uint32_t i = number() % 3; i > 0; --i) row.closed.push_back(sequence());
  for (std::uint32_t i = number() % 3; i > 0; --i) row.open.push_back(any_action());
  if (coin()) row.unanswered.push_back({sequence(), Ulid{uuid().bytes}, FleetId{number()}});
  if (coin()) row.down_since = text();
  if (coin()) row.data_of = FleetId{number()};
  return row;
}

auto parts(const OpenAction& a) {
  return std::tuple{a.n,
                    a.id,
                    a.order.kind,
                    a.order.os_version,
                    a.order.force,
                    a.order.deliver_by,
                    a.order.execute_within_s,
                    a.order.max_parallel,
                    a.order.stop_after_failures,
                    a.fleet,
                    a.group,
                    a.by_move,
                    a.requesters,
                    a.state,
                    a.attempts,
                    a.delivered_at,
                    a.cancelling,
                    a.boot};
}
auto parts(const DeviceQueue& r) {
  std::vector<decltype(parts(OpenAction{}))> open;
  for (const OpenAction& action : r.open) open.push_back(parts(action));
  return std::tuple{r.id, r.joined, r.done, r.closed, open, r.unanswered, r.down_since, r.data_of};
}

/// Comparable by ==, field by field, independent of the codec.
auto parts(const Fleet& r) {
  return std::tuple{r.id,          r.uuid,    r.organisation,   r.name,   r.slug,
                    r.device_type, r.type,    r.policy,         r.target, r.target_changed,
                    r.members,     r.devices, r.pinned_devices, r.joined, r.created_at,
                    r.version};
}
auto parts(const Device& r) {
  return std::tuple{r.id,        r.uuid,           r.fleet,         r.device_type,
                    r.lifecycle, r.os_variant,     r.encoding,      r.encoding_changed,
                    r.pin,       r.target_changed, r.name,          r.note,
                    r.tags,      r.os_version,     r.agent_version, r.running_commit,
                    r.boot,      r.after_action,   r.created_at,    r.version};
}
auto parts(const Release& r) {
  return std::tuple{r.id,       r.fleet,           r.commit,      r.semver,
                    r.revision, r.status,          r.invalidated, r.invalidation_reason,
                    r.note,     r.manifest,        r.deleted,     r.pinned_devices,
                    r.created,  r.payload_changed, r.created_at,  r.version};
}
auto parts(const Token& r) {
  return std::tuple{r.id,         r.user,    r.name,       r.secret_hash, r.role_limit,
                    r.expires_at, r.revoked, r.created_at, r.version};
}

template <typename Row>
void comes_back(Row (*any)()) {
  CHECK(rc::check("a row comes back", [any] {
    const Row row = any();
    const auto decoded = decode_row<Row>(encode_row(row));
    RC_ASSERT(decoded.has_value());
    RC_ASSERT(parts(*decoded) == parts(row));
  }));
}

template <typename Row>
void damage_is_told(Row (*any)()) {
  CHECK(rc::check("a cut or longer row is corrupt, a changed one at worst another row", [any] {
    const std::string bytes = encode_row(any());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = decode_row<Row>(std::string_view(bytes).substr(0, size));
      RC_ASSERT(!decoded.has_value());
      RC_ASSERT(decoded.error().code == ErrorCode::corrupt);
    }
    RC_ASSERT(!decode_row<Row>(bytes + "x").has_value());
    for (std::size_t place = 0; place < bytes.size(); ++place) {
      std::string changed = bytes;
      changed[place] = *rc::gen::arbitrary<char>();
      (void)decode_row<Row>(changed);
    }
  }));
}

}  // namespace

TEST_CASE("row codec: rows come back as they were") {
  comes_back<Fleet>(any_fleet);
  comes_back<Device>(any_device);
  comes_back<Release>(any_release);
  comes_back<Token>(any_token);
  comes_back<DeviceQueue>(any_queue);
}

TEST_CASE("row codec: the small rows come back as they were") {
  const DeviceType type{DeviceTypeId{7}, "pi", "Pi", "aarch64", true, Sequence{9}};
  const auto type_again = decode_row<DeviceType>(encode_row(type)).value();
  CHECK(type_again.id == type.id);
  CHECK(type_again.slug == "pi");
  CHECK(type_again.name == "Pi");
  CHECK(type_again.architecture == "aarch64");
  CHECK(type_again.os_update_supported);
  CHECK(type_again.version == Sequence{9});

  const Timestamp at{std::chrono::microseconds{-5}};
  const Organisation acme{.id = OrganisationId{3},
                          .handle = "acme",
                          .name = "Acme",
                          .members = {{UserId{1}, OrganisationRole::administrator},
                                      {UserId{4}, OrganisationRole::member}},
                          .billing_valid = true,
                          .deactivation_fees = 7,
                          .created_at = at};
  const auto acme_again = decode_row<Organisation>(encode_row(acme)).value();
  CHECK(acme_again.handle == "acme");
  CHECK(acme_again.name == "Acme");
  CHECK(acme_again.members == acme.members);
  CHECK(acme_again.billing_valid);
  CHECK(acme_again.deactivation_fees == 7);
  CHECK(acme_again.created_at == at);

  const User ada{UserId{2}, "ada", false, 5, true, at, Sequence{8}};
  const auto ada_again = decode_row<User>(encode_row(ada)).value();
  CHECK(ada_again.username == "ada");
  CHECK(ada_again.erased);
  CHECK_FALSE(ada_again.enabled);
  CHECK(ada_again.instance_roles == 5);
  CHECK(ada_again.version == Sequence{8});

  const SavedView view{SavedViewId{4}, UserId{2}, "berlin", "tag.site = berlin",
                       FleetId{7},     true,      at,       Sequence{11}};
  const auto view_again = decode_row<SavedView>(encode_row(view)).value();
  CHECK(view_again.owner == UserId{2});
  CHECK(view_again.name == "berlin");
  CHECK(view_again.filter == "tag.site = berlin");
  CHECK(view_again.shared_with == FleetId{7});
  CHECK(view_again.removed);
  CHECK(view_again.created_at == at);
  CHECK(view_again.version == Sequence{11});
}

TEST_CASE("row codec: fleet-wide actions and careful selections come back as they were") {
  const ActionCounts counts{
      .devices = 9, .in_flight = 2, .succeeded = 1, .failed = 1, .skipped = 1, .ended = 4};
  const OpenAction action{.n = Sequence{5}, .order = {.kind = ActionKind::blink}, .boot = "b"};
  const FleetActions actions{FleetId{7}, {{action, DeviceId{9}, counts, true}}};
  const auto actions_again = decode_row<FleetActions>(encode_row(actions)).value();
  CHECK(actions_again.id == actions.id);
  REQUIRE(actions_again.open.size() == 1);
  CHECK(parts(actions_again.open.front().action) == parts(actions.open.front().action));
  CHECK(actions_again.open.front().last_device == DeviceId{9});
  CHECK(actions_again.open.front().counts == counts);
  CHECK(actions_again.open.front().ended);
  const ActionGroup group{Sequence{5}, 50, 3, counts, {DeviceId{1}, DeviceId{4}}};
  const auto group_again = decode_row<ActionGroup>(encode_row(group)).value();
  CHECK(group_again.id == group.id);
  CHECK(group_again.max_parallel == 50);
  CHECK(group_again.stop_after_failures == 3);
  CHECK(group_again.counts == counts);
  CHECK(group_again.open == group.open);
}

TEST_CASE("row codec: damage is told") {
  damage_is_told<Fleet>(any_fleet);
  damage_is_told<Device>(any_device);
  damage_is_told<DeviceQueue>(any_queue);
}

TEST_CASE("row codec: a word that does not exist is damage") {
  User user;
  std::string bytes = encode_row(user);
  const std::size_t enabled = 1 + 4 + 4;  // After format, id and an empty name.
  bytes[enabled] = 2;
  CHECK_FALSE(decode_row<User>(bytes).has_value());
}
