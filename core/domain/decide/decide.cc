#include "core/domain/decide/decide.h"

#include <fmt/format.h>

#include <type_traits>

#include "core/domain/decide/context.h"

namespace muster {
namespace {

constexpr std::size_t reason_size_max = 1'000;

template <typename C>
constexpr bool concerns_devices = std::is_same_v<C, PinFleet> || std::is_same_v<C, TrackLatest> ||
                                  std::is_same_v<C, PinDevices> || std::is_same_v<C, TrackFleet>;

/// What makes something new, or says what happened, has no version to expect.
template <typename C>
constexpr bool is_unversioned =
    std::is_same_v<C, AcceptClock> || std::is_same_v<C, ReportDevice> ||
    std::is_same_v<C, Initialise> || std::is_same_v<C, AddDeviceType> ||
    std::is_same_v<C, CreateOrganisation> || std::is_same_v<C, CreateUser> ||
    std::is_same_v<C, IssueToken> || std::is_same_v<C, CreateFleet> ||
    std::is_same_v<C, CreateRelease> || std::is_same_v<C, RegisterDevice> ||
    std::is_same_v<C, RetireDeviceKeys> || std::is_same_v<C, IssueProvisioningKey> ||
    std::is_same_v<C, CreateView>;

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

}  // namespace muster
