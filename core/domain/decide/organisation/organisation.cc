#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/domain/decide/actions/withdraw.h"
#include "core/domain/decide/context.h"
#include "core/domain/decide/names.h"

namespace muster {
namespace {

struct CatalogueEntry {
  std::string_view slug;
  std::string_view name;
  std::string_view architecture;
  bool os_update_supported;
};

// What a new log starts with. Stored as events: changing this list changes no existing log.
constexpr std::array catalogue{
    CatalogueEntry{"raspberry-pi", "Raspberry Pi (v1 / Zero / Zero W)", "rpi", true},
    CatalogueEntry{"raspberry-pi2", "Raspberry Pi 2", "armv7hf", true},
    CatalogueEntry{"raspberrypi3", "Raspberry Pi 3", "armv7hf", true},
    CatalogueEntry{"raspberrypi3-64", "Raspberry Pi 3 (64 bit)", "aarch64", true},
    CatalogueEntry{"raspberrypi4-64", "Raspberry Pi 4 (64 bit)", "aarch64", true},
    CatalogueEntry{"raspberrypi5", "Raspberry Pi 5", "aarch64", true},
    CatalogueEntry{"raspberrypi0-2w-64", "Raspberry Pi Zero 2 W (64 bit)", "aarch64", true},
    CatalogueEntry{"fincm3", "balenaFin (CM3)", "armv7hf", true},
    CatalogueEntry{"beaglebone-black", "BeagleBone Black", "armv7hf", true},
    CatalogueEntry{"jetson-nano", "Nvidia Jetson Nano", "aarch64", true},
    CatalogueEntry{"intel-nuc", "Intel NUC", "amd64", true},
    CatalogueEntry{"generic-amd64", "Generic x86_64", "amd64", true},
    CatalogueEntry{"generic-aarch64", "Generic AARCH64", "aarch64", true},
    CatalogueEntry{"qemux86-64", "QEMU X86 64 bit", "amd64", false},
};

constexpr std::size_t title_length_max = 100;

tl::unexpected<Rejection> invalid_name(std::string_view what, std::string_view name,
                                       std::string_view rule) {
  return reject(RejectionCode::invalid_name, fmt::format("{} `{}`", what, name),
                fmt::format("its name must be {}", rule), "choose another name");
}

bool is_last_administrator(const State& state, const User& user) {
  if (!user.has(InstanceRole::administrator)) return false;
  for (UserId id{1}; const User* other = state.find(id); id = next(id)) {
    const bool counts = other->enabled && other->has(InstanceRole::administrator);
    if (counts && other->id != user.id) return false;
  }
  return true;
}

/// So many fit into a record.
constexpr std::size_t notes_an_event_max = 10'000;

/// The event of notes erased that has room for one more.
NotesErased& room_for_note(UserId user, std::vector<Event>& events) {
  auto* last = std::get_if<NotesErased>(&events.back());
  if (last == nullptr || last->devices.size() + last->releases.size() == notes_an_event_max) {
    events.emplace_back(NotesErased{.user = user, .devices = {}, .releases = {}});
    last = std::get_if<NotesErased>(&events.back());
  }
  return *last;
}

/// Erases the notes that stand where the user wrote them.
void erase_notes(const State& state, UserId user, std::vector<Event>& events) {
  for (const Device& device : state.devices()) {
    if (device.note_author == user) room_for_note(user, events).devices.push_back(device.id);
  }
  for (const Release& release : state.releases()) {
    if (release.note_author == user) room_for_note(user, events).releases.push_back(release.id);
  }
}

/// Refuses to make, or to end, a token that may more or lives longer than the one in use.
tl::expected<void, Rejection> check_within(const Context& context, std::optional<Role> role_limit,
                                           std::optional<Timestamp> expires_at) {
  const Asker& asker = context.asker;
  if (covers(asker, role_limit, expires_at)) return {};
  const std::string limit =
      asker.role_limit ? fmt::format(" is limited to the role {}", to_string(*asker.role_limit))
                       : "";
  const std::string end =
      asker.expires_at ? fmt::format(" ends at {}", to_rfc3339(*asker.expires_at)) : "";
  return reject(
      RejectionCode::not_allowed, "token",
      fmt::format("your token{}{}{}", limit, limit.empty() || end.empty() ? "" : " and", end),
      "use a token without these bounds, or give the new one the same or closer ones");
}

}  // namespace

Decision decide_one(const Context& context, const Initialise& command) {
  if (context.state.find(UserId{1}) != nullptr || context.asker.user != UserId{}) {
    return reject(RejectionCode::not_allowed, "the log", "it has been set up already", "use it");
  }
  std::vector<Event> events{LogCreated{.log = command.log, .epoch = command.epoch}};
  DeviceTypeId type{1};
  for (const CatalogueEntry& entry : catalogue) {
    events.emplace_back(DeviceTypeAdded{.id = type,
                                        .slug = std::string(entry.slug),
                                        .name = std::string(entry.name),
                                        .architecture = std::string(entry.architecture),
                                        .os_update_supported = entry.os_update_supported});
    type = next(type);
  }
  const auto administrator = static_cast<std::uint8_t>(InstanceRole::administrator);
  events.emplace_back(
      UserCreated{.id = UserId{1}, .username = command.username, .instance_roles = administrator});
  events.emplace_back(TokenIssued{.id = TokenId{1},
                                  .user = UserId{1},
                                  .name = command.token_name,
                                  .secret_hash = command.secret_hash,
                                  .role_limit = {},
                                  .expires_at = {}});
  return events;
}

Decision decide_one(const Context& context, const AcceptClock& command) {
  const auto allowed = require(context, InstanceRole::administrator);
  if (!allowed) return tl::unexpected(allowed.error());
  if (command.wall == command.last_event) return std::vector<Event>{};
  return std::vector<Event>{ClockAccepted{.last_event = command.last_event, .wall = command.wall}};
}

Decision decide_one(const Context& context, const AddDeviceType& command) {
  const auto allowed = require(context, InstanceRole::administrator);
  if (!allowed) return tl::unexpected(allowed.error());
  if (!is_type_slug(command.slug)) {
    return invalid_name("device type", command.slug, type_slug_rule);
  }
  if (!is_type_slug(command.architecture)) {
    return invalid_name("architecture", command.architecture, type_slug_rule);
  }
  if (command.name.size() > title_length_max) {
    return invalid_name("device type", command.name, "at most 100 bytes");
  }
  if (context.state.find_device_type(command.slug) != nullptr) {
    return reject(RejectionCode::device_type_taken, fmt::format("device type {}", command.slug),
                  "there is one of this slug already",
                  "use it, or choose another slug; `muster device-type list` shows all");
  }
  return std::vector<Event>{
      DeviceTypeAdded{.id = context.state.next_device_type(),
                      .slug = command.slug,
                      .name = command.name.empty() ? command.slug : command.name,
                      .architecture = command.architecture,
                      .os_update_supported = command.os_update_supported}};
}

Decision decide_one(const Context& context, const CreateOrganisation& command) {
  const auto allowed = require(context, InstanceRole::administrator);
  if (!allowed) return tl::unexpected(allowed.error());
  const std::string handle = to_lower(command.handle);
  if (!is_name(handle)) return invalid_name("organisation", command.handle, name_rule);
  if (command.name.size() > title_length_max) {
    return invalid_name("organisation", command.name, "at most 100 bytes");
  }
  if (context.state.find_organisation(handle) != nullptr) {
    return reject(RejectionCode::handle_taken, fmt::format("organisation {}", handle),
                  "there is one of this handle already", "choose another handle");
  }
  return std::vector<Event>{
      OrganisationCreated{.id = context.state.next_organisation(),
                          .handle = handle,
                          .name = command.name.empty() ? command.handle : command.name,
                          .administrator = context.asker.user}};
}

Decision decide_one(const Context& context, const CreateUser& command) {
  const auto allowed = require(context, InstanceRole::administrator);
  if (!allowed) return tl::unexpected(allowed.error());
  if (!is_username(command.username)) {
    return invalid_name("user", command.username, username_rule);
  }
  if (context.state.find_user(command.username) != nullptr) {
    return reject(RejectionCode::username_taken, fmt::format("user {}", command.username),
                  "there is one of this name already", "choose another name");
  }
  std::uint8_t roles = 0;
  for (const InstanceRole role : command.instance_roles) {
    roles = static_cast<std::uint8_t>(roles | static_cast<std::uint8_t>(role));
  }
  return std::vector<Event>{UserCreated{
      .id = context.state.next_user(), .username = command.username, .instance_roles = roles}};
}

Decision decide_one(const Context& context, const SetUserEnabled& command) {
  const auto allowed = require(context, InstanceRole::administrator);
  if (!allowed) return tl::unexpected(allowed.error());
  const auto user = find_user(context, command.username);
  if (!user) return tl::unexpected(user.error());
  const std::string entity = fmt::format("user {}", command.username);
  const auto fresh = check_version(context, (*user)->version, entity);
  if (!fresh) return tl::unexpected(fresh.error());
  if ((*user)->enabled == command.enabled) return std::vector<Event>{};
  if (command.enabled) return std::vector<Event>{UserEnabled{.id = (*user)->id}};
  if (is_last_administrator(context.state, **user)) {
    return reject(RejectionCode::last_administrator, entity,
                  "the last instance administrator cannot be disabled",
                  "make another instance administrator first");
  }
  std::vector<Event> events{UserDisabled{.id = (*user)->id}};
  withdraw_requested(context.state, (*user)->id, events);
  return events;
}

Decision decide_one(const Context& context, const EraseUser& command) {
  const bool by_muster = context.asker.user == UserId{};
  if (!by_muster) {
    const auto allowed = require(context, InstanceRole::administrator);
    if (!allowed) return tl::unexpected(allowed.error());
  }
  const auto user = by_muster ? Found<User>(context.state.find(command.id))
                              : find_user(context, command.username);
  if (!user) return tl::unexpected(user.error());
  if (*user == nullptr || (*user)->erased) return std::vector<Event>{};
  const std::string entity = fmt::format("user {}", (*user)->username);
  const auto fresh = check_version(context, (*user)->version, entity);
  if (!fresh) return tl::unexpected(fresh.error());
  if (is_last_administrator(context.state, **user) && !by_muster) {
    return reject(RejectionCode::last_administrator, entity,
                  "the last instance administrator cannot be erased",
                  "make another instance administrator first");
  }
  if (!by_muster && !context.command.confirmed) {
    return reject(RejectionCode::confirmation_needed, entity,
                  "erasing a user must be confirmed: the name and the notes that the user wrote "
                  "are gone for good, also from histories, and cannot be brought back",
                  "repeat with --yes");
  }
  std::vector<Event> events{UserErased{.id = (*user)->id}};
  erase_notes(context.state, (*user)->id, events);
  withdraw_requested(context.state, (*user)->id, events);
  return events;
}

Decision decide_one(const Context& context, const IssueToken& command) {
  const User* user = context.state.find(context.asker.user);
  if (!command.username.empty() && (user == nullptr || user->username != command.username)) {
    const auto allowed = require(context, InstanceRole::administrator);
    if (!allowed) return tl::unexpected(allowed.error());
    const auto other = find_user(context, command.username);
    if (!other) return tl::unexpected(other.error());
    user = *other;
  }
  if (user == nullptr) {
    return reject(RejectionCode::unknown_user, "user", "a token is of a user", "name the user");
  }
  if (!is_username(command.name)) return invalid_name("token", command.name, username_rule);
  if (command.expires_at && *command.expires_at <= context.now) {
    return reject(RejectionCode::invalid_field, "expires_at", "a token ends in the future",
                  "give a later time");
  }
  const auto within = check_within(context, command.role_limit, command.expires_at);
  if (!within) return tl::unexpected(within.error());
  return std::vector<Event>{TokenIssued{.id = context.state.next_token(),
                                        .user = user->id,
                                        .name = command.name,
                                        .secret_hash = command.secret_hash,
                                        .role_limit = command.role_limit,
                                        .expires_at = command.expires_at}};
}

Decision decide_one(const Context& context, const RevokeToken& command) {
  const Token* token = context.state.find(command.id);
  const bool visible = token != nullptr && (token->user == context.asker.user ||
                                            context.asker.has(InstanceRole::administrator));
  const std::string entity = fmt::format("token {}", command.id.value());
  if (!visible) {
    return reject(RejectionCode::unknown_token, entity,
                  "there is no such token, or you may not see it",
                  "`muster token list` shows your tokens");
  }
  const auto fresh = check_version(context, token->version, entity);
  if (!fresh) return tl::unexpected(fresh.error());
  if (token->revoked) return std::vector<Event>{};
  const auto within = check_within(context, token->role_limit, token->expires_at);
  if (!within && token->id != context.command.actor.token) return tl::unexpected(within.error());
  return std::vector<Event>{TokenRevoked{.id = token->id}};
}

}  // namespace muster
