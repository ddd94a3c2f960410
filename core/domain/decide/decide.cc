#include "core/domain/decide/decide.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "core/domain/decide/context.h"

namespace muster {
namespace {

constexpr std::size_t reason_size_max = 1'000;

/// About devices that are named or selected, or about all of a fleet.
template <typename C>
constexpr bool concerns_devices =
    requires(const C& command) { command.selected; } || std::is_same_v<C, PinFleet> ||
    std::is_same_v<C, TrackLatest> || std::is_same_v<C, SetFleetPublicUrls> ||
    std::is_same_v<C, DeleteFleet>;

/// What makes something new, or says what happened, has no version to expect.
template <typename C>
constexpr bool is_unversioned =
    std::is_same_v<C, AcceptClock> || std::is_same_v<C, ReportDevice> ||
    std::is_same_v<C, Initialise> || std::is_same_v<C, AddDeviceType> ||
    std::is_same_v<C, CreateOrganisation> || std::is_same_v<C, CreateUser> ||
    std::is_same_v<C, IssueToken> || std::is_same_v<C, CreateFleet> ||
    std::is_same_v<C, CreateRelease> || std::is_same_v<C, RegisterDevice> ||
    std::is_same_v<C, RetireDeviceKeys> || std::is_same_v<C, IssueProvisioningKey> ||
    std::is_same_v<C, CreateView> || std::is_same_v<C, CancelAction> ||
    std::is_same_v<C, PublishAction> || std::is_same_v<C, AckAction> ||
    std::is_same_v<C, NoteOffline> || std::is_same_v<C, ExpireActions> ||
    std::is_same_v<C, ExpireSupport>;

tl::expected<Asker, Rejection> find_asker(const State& state, const Actor& actor, Timestamp now) {
  if (actor.user == UserId{}) return Asker{};
  const User* user = state.find(actor.user);
  const Token* token = state.find(actor.token);
  if (user == nullptr || token == nullptr || token->user != user->id) {
    return reject(RejectionCode::not_allowed, "token", "the token is of no user",
                  "ask an administrator for a token");
  }
  return asker_of(*user, *token, now);
}

tl::expected<void, Rejection> check_expectations(const Command& command) {
  return std::visit(
      [&](const auto& body) -> tl::expected<void, Rejection> {
        using C = std::decay_t<decltype(body)>;
        if (command.expect_count && !concerns_devices<C>) {
          return reject(RejectionCode::invalid_field, "expect_count",
                        "only commands about a selection or a fleet's devices have a count",
                        "leave it out");
        }
        if (command.expect_version && is_unversioned<C>) {
          return reject(RejectionCode::invalid_field, "expect_version",
                        "the command changes nothing that has a version already", "leave it out");
        }
        return {};
      },
      command.body);
}

const Fleet& fleet_of(const State& state, const Subject& subject) {
  if (subject.kind == EntityKind::fleet) return *state.find(FleetId{subject.id});
  if (subject.kind == EntityKind::release) {
    return *state.find(state.find(ReleaseId{subject.id})->fleet);
  }
  if (subject.kind == EntityKind::provisioning_key) {
    return *state.find(state.find(ProvisioningKeyId{subject.id})->fleet);
  }
  return *state.find(state.find(DeviceId{subject.id})->fleet);
}

/// The asker's role where an event about a fleet, or something in it, happened. Who had a device
/// or a fleet deleted, or gave it away, may hear of that again.
std::optional<Role> role_at(const Context& context, const Event& event) {
  const Subject subject = subject_of(event);
  if (const auto* transfer = std::get_if<FleetTransferred>(&event)) {
    const auto& source = *context.state.find(transfer->previous_organisation);
    if (administers(context.asker, source)) return Role::administrator;
  }
  const Fleet& fleet = fleet_of(context.state, subject);
  const Organisation& organisation = *context.state.find(fleet.organisation);
  const auto role = role_in(context.asker, fleet, organisation);
  if (role || subject.kind != EntityKind::device) return role;
  return role_on(context.asker, *context.state.find(DeviceId{subject.id}), fleet, organisation);
}

/// True if an answer that tells of `event` may go to the asker: it sees what the event is about,
/// and where the answer holds a credential it may ask for one.
bool may_hear(const Context& context, const Event& event) {
  const Subject subject = subject_of(event);
  const Asker& asker = context.asker;
  switch (subject.kind) {
    case EntityKind::log:
    case EntityKind::device_type:
      return true;
    case EntityKind::organisation:
      return find_organisation(context, context.state.find(OrganisationId{subject.id})->handle)
          .has_value();
    case EntityKind::user:
      return asker.user == UserId{subject.id} || asker.has(InstanceRole::administrator);
    case EntityKind::token: {
      const Token& token = *context.state.find(TokenId{subject.id});
      const bool own = asker.user == token.user || asker.has(InstanceRole::administrator);
      return own && covers(asker, token.role_limit, token.expires_at);
    }
    case EntityKind::saved_view: {
      const SavedView& view = *context.state.find(SavedViewId{subject.id});
      const Fleet* shared = view.shared_with ? context.state.find(*view.shared_with) : nullptr;
      return view.owner == asker.user ||
             (shared != nullptr &&
              role_in(asker, *shared, *context.state.find(shared->organisation)).has_value());
    }
    case EntityKind::fleet:
    case EntityKind::release:
    case EntityKind::device:
    case EntityKind::provisioning_key: {
      const bool credential = std::holds_alternative<DeviceRegistered>(event) ||
                              std::holds_alternative<DeviceKeyRotated>(event) ||
                              std::holds_alternative<ProvisioningKeyIssued>(event);
      return role_at(context, event) >= (credential ? Role::fleet_operator : Role::observer);
    }
  }
  return false;
}

}  // namespace

Decision decide(const State& state, const Command& command, Timestamp now) {
  const auto asker = find_asker(state, command.actor, now);
  if (!asker) return tl::unexpected(asker.error());
  if (command.reason.size() > reason_size_max) {
    return reject(RejectionCode::invalid_field, "reason",
                  fmt::format("a reason has at most {} bytes", reason_size_max), "shorten it");
  }
  const auto sensible = check_expectations(command);
  if (!sensible) return tl::unexpected(sensible.error());
  const Context context{.state = state, .command = command, .now = now, .asker = *asker};
  return std::visit([&](const auto& body) { return decide_one(context, body); }, command.body);
}

tl::expected<void, Rejection> may_hear_again(const State& state, const Command& command,
                                             std::span<const Recorded> events, Timestamp now) {
  const auto asker = find_asker(state, command.actor, now);
  if (!asker) return tl::unexpected(asker.error());
  const Context context{.state = state, .command = command, .now = now, .asker = *asker};
  const bool all = std::ranges::all_of(
      events, [&](const Recorded& recorded) { return may_hear(context, recorded.event); });
  if (all) return {};
  auto anew = decide(state, command, now);
  if (!anew) return tl::unexpected(std::move(anew.error()));
  return reject(RejectionCode::not_allowed, "idempotency key",
                "what was done under it is not for you to see any more",
                "use a new key, or ask an administrator");
}

}  // namespace muster
