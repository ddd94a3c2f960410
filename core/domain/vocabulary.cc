#include "core/domain/vocabulary.h"

#include <array>
#include <utility>

#include "core/domain/lifecycle/setting_events.h"

namespace muster {
namespace {

template <typename Enum, std::size_t Size>
using Words = std::array<std::pair<Enum, std::string_view>, Size>;

constexpr Words<Role, 4> roles{{{Role::observer, "observer"},
                                {Role::fleet_operator, "operator"},
                                {Role::developer, "developer"},
                                {Role::administrator, "administrator"}}};
constexpr Words<OrganisationRole, 2> organisation_roles{
    {{OrganisationRole::member, "member"}, {OrganisationRole::administrator, "administrator"}}};
constexpr Words<InstanceRole, 3> instance_roles{{{InstanceRole::administrator, "administrator"},
                                                 {InstanceRole::auditor, "auditor"},
                                                 {InstanceRole::support, "support"}}};
constexpr Words<FleetType, 5> fleet_types{{{FleetType::starter, "starter"},
                                           {FleetType::microservices, "microservices"},
                                           {FleetType::essentials, "essentials"},
                                           {FleetType::classic, "classic"},
                                           {FleetType::legacy, "legacy"}}};
constexpr Words<FleetPolicy, 2> policies{
    {{FleetPolicy::track_latest, "track-latest"}, {FleetPolicy::pinned, "pinned"}}};
constexpr Words<ReleaseStatus, 4> statuses{{{ReleaseStatus::running, "running"},
                                            {ReleaseStatus::success, "success"},
                                            {ReleaseStatus::failed, "failed"},
                                            {ReleaseStatus::cancelled, "cancelled"}}};
constexpr Words<Lifecycle, 4> lifecycles{{{Lifecycle::active, "active"},
                                          {Lifecycle::deactivated, "deactivated"},
                                          {Lifecycle::orphaned, "orphaned"},
                                          {Lifecycle::deleted, "deleted"}}};
constexpr Words<OsVariant, 3> variants{{{OsVariant::unknown, "unknown"},
                                        {OsVariant::production, "prod"},
                                        {OsVariant::development, "dev"}}};

constexpr Words<Encoding, 2> encodings{
    {{Encoding::json, "json"}, {Encoding::flatbuffers, "flatbuffers"}}};

constexpr Words<Setting, 2> settings{
    {{Setting::lock_override, "lock-override"}, {Setting::local_mode, "local-mode"}}};

constexpr Words<SettingSkip, 3> skips{{{SettingSkip::not_active, "not-active"},
                                       {SettingSkip::agent_too_old, "agent-too-old"},
                                       {SettingSkip::not_development, "not-development"}}};

constexpr Words<GrantEnd, 2> grant_ends{
    {{GrantEnd::revoked, "revoked"}, {GrantEnd::expired, "expired"}}};

constexpr Words<ActionKind, 6> kinds{{{ActionKind::restart, "restart"},
                                      {ActionKind::purge, "purge"},
                                      {ActionKind::reboot, "reboot"},
                                      {ActionKind::shutdown, "shutdown"},
                                      {ActionKind::os_update, "os-update"},
                                      {ActionKind::blink, "blink"}}};
constexpr Words<ActionState, 10> states{{{ActionState::queued, "queued"},
                                         {ActionState::delivered, "delivered"},
                                         {ActionState::started, "started"},
                                         {ActionState::succeeded, "succeeded"},
                                         {ActionState::failed, "failed"},
                                         {ActionState::rejected, "rejected"},
                                         {ActionState::expired, "expired"},
                                         {ActionState::cancelled, "cancelled"},
                                         {ActionState::superseded, "superseded"},
                                         {ActionState::skipped, "skipped"}}};
constexpr Words<EndCause, 20> causes{{{EndCause::answered, "answered"},
                                      {EndCause::went_offline, "went-offline"},
                                      {EndCause::not_delivered, "not-delivered"},
                                      {EndCause::not_started, "not-started"},
                                      {EndCause::no_result, "no-result"},
                                      {EndCause::asked, "asked"},
                                      {EndCause::replaced, "replaced"},
                                      {EndCause::moved, "moved"},
                                      {EndCause::deactivated, "deactivated"},
                                      {EndCause::deleted, "deleted"},
                                      {EndCause::orphaned, "orphaned"},
                                      {EndCause::requester_not_allowed, "requester-not-allowed"},
                                      {EndCause::user_disabled, "user-disabled"},
                                      {EndCause::not_needed, "not-needed"},
                                      {EndCause::agent_too_old, "agent-too-old"},
                                      {EndCause::os_is_newer, "os-is-newer"},
                                      {EndCause::type_unsupported, "type-unsupported"},
                                      {EndCause::not_online, "not-online"},
                                      {EndCause::stopped_after_failures, "stopped-after-failures"},
                                      {EndCause::type_changed, "type-changed"}}};

template <typename Enum, std::size_t Size>
std::string_view word_of(const Words<Enum, Size>& words, Enum value) noexcept {
  for (const auto& word : words) {
    if (word.first == value) return word.second;
  }
  return "unknown";
}

template <typename Enum, std::size_t Size>
std::optional<Enum> value_of(const Words<Enum, Size>& words, std::string_view text) noexcept {
  for (const auto& word : words) {
    if (word.second == text) return word.first;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Role role) noexcept { return word_of(roles, role); }
std::string_view to_string(OrganisationRole role) noexcept {
  return word_of(organisation_roles, role);
}
std::string_view to_string(InstanceRole role) noexcept { return word_of(instance_roles, role); }
std::string_view to_string(FleetType type) noexcept { return word_of(fleet_types, type); }
std::string_view to_string(FleetPolicy policy) noexcept { return word_of(policies, policy); }
std::string_view to_string(ReleaseStatus status) noexcept { return word_of(statuses, status); }
std::string_view to_string(Lifecycle lifecycle) noexcept { return word_of(lifecycles, lifecycle); }
std::string_view to_string(OsVariant variant) noexcept { return word_of(variants, variant); }
std::string_view to_string(Encoding encoding) noexcept { return word_of(encodings, encoding); }
std::string_view to_string(ActionKind kind) noexcept { return word_of(kinds, kind); }
std::string_view to_string(ActionState state) noexcept { return word_of(states, state); }
std::string_view to_string(EndCause cause) noexcept { return word_of(causes, cause); }

std::string_view to_string(Setting setting) noexcept { return word_of(settings, setting); }
std::string_view to_string(SettingSkip why) noexcept { return word_of(skips, why); }
std::string_view to_string(GrantEnd how) noexcept { return word_of(grant_ends, how); }

std::optional<Role> parse_role(std::string_view text) noexcept { return value_of(roles, text); }
std::optional<OrganisationRole> parse_organisation_role(std::string_view text) noexcept {
  return value_of(organisation_roles, text);
}
std::optional<InstanceRole> parse_instance_role(std::string_view text) noexcept {
  return value_of(instance_roles, text);
}
std::optional<FleetType> parse_fleet_type(std::string_view text) noexcept {
  return value_of(fleet_types, text);
}
std::optional<ReleaseStatus> parse_release_status(std::string_view text) noexcept {
  return value_of(statuses, text);
}
std::optional<Lifecycle> parse_lifecycle(std::string_view text) noexcept {
  return value_of(lifecycles, text);
}
std::optional<OsVariant> parse_os_variant(std::string_view text) noexcept {
  return value_of(variants, text);
}
std::optional<Encoding> parse_encoding(std::string_view text) noexcept {
  return value_of(encodings, text);
}
std::optional<ActionKind> parse_action_kind(std::string_view text) noexcept {
  return value_of(kinds, text);
}
std::optional<ActionState> parse_action_state(std::string_view text) noexcept {
  return value_of(states, text);
}

}  // namespace muster
