#include "broker-bridge/channel/inbound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "broker-bridge/channel/flat_codec.h"
#include "broker-bridge/channel/inbound_limits.h"
#include "core/domain/decide/names.h"

namespace muster {
namespace {

using Json = nlohmann::json;
using inbound::refuse;

constexpr std::array<std::string_view, 8> statuses{
    "idle", "downloading", "downloaded", "locked", "waiting", "applying", "done", "rejected"};

constexpr std::array ack_states{
    ActionState::delivered, ActionState::started,   ActionState::succeeded, ActionState::failed,
    ActionState::rejected,  ActionState::cancelled, ActionState::expired};

tl::unexpected<Error> too_large(std::string_view payload) {
  return refuse(
      fmt::format("the payload has {} bytes, more than {}", payload.size(), inbound_size_max));
}

bool is_json(std::string_view payload) { return payload.starts_with('{'); }

Result<Json> parse_object(std::string_view payload) {
  if (payload.size() > inbound_size_max) return too_large(payload);
  Json json = Json::parse(payload, nullptr, false);
  if (!json.is_object()) return refuse("the payload is not a JSON object");
  return json;
}

/// The text of a member; empty if it is absent, null, of another type or too long.
std::string text_of(const Json& json, const char* name,
                    std::size_t size_max = inbound::text_size_max) {
  const auto member = json.find(name);
  if (member == json.end() || !member->is_string()) return {};
  std::string text = member->get<std::string>();
  if (text.size() > size_max) text.clear();
  return text;
}

/// The number of a member; 0 if it is absent or not a whole number from 0.
std::uint64_t number_of(const Json& json, const char* name) {
  const auto member = json.find(name);
  return member != json.end() && member->is_number_unsigned() ? member->get<std::uint64_t>() : 0;
}

unsigned percent_of(const Json& json) {
  return static_cast<unsigned>(
      std::min<std::uint64_t>(number_of(json, "percent"), inbound::percent_max));
}

/// The whole number `code`, cut to what an int holds; 0 if it is none.
int code_of(const Json& json) {
  using Limits = std::numeric_limits<int>;
  const auto member = json.find("code");
  if (member == json.end() || !member->is_number_integer()) return 0;
  if (member->is_number_unsigned()) {
    return static_cast<int>(std::min<std::uint64_t>(member->get<std::uint64_t>(), Limits::max()));
  }
  return static_cast<int>(
      std::clamp<std::int64_t>(member->get<std::int64_t>(), Limits::min(), Limits::max()));
}

std::vector<std::string> locks_of(const Json& json) {
  std::vector<std::string> locks;
  const auto member = json.find("locks");
  if (member == json.end() || !member->is_array()) return locks;
  for (const Json& lock : *member) {
    if (locks.size() == inbound::locks_max) break;
    // Never cut: half a character would make the whole text unreadable for others.
    if (lock.is_string() && lock.get_ref<const std::string&>().size() <= inbound::lock_size_max) {
      locks.push_back(lock.get<std::string>());
    }
  }
  return locks;
}

OsVariant variant_of(const Json& json) {
  return parse_os_variant(text_of(json, "os_variant")).value_or(OsVariant::unknown);
}

/// Takes `name` and the number after it off the front of `rest`.
bool take_member(std::string_view& rest, std::string_view name, std::uint64_t& value) {
  if (!rest.starts_with(name)) return false;
  rest.remove_prefix(name.size());
  const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (read.ec != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
  return true;
}

Result<PresenceReport> parse_json_presence(std::string_view payload) {
  const auto json = parse_object(payload);
  if (!json) return tl::unexpected(json.error());
  const auto online = json->find("online");
  if (online == json->end() || !online->is_boolean()) {
    return refuse("`online` is not true or false");
  }
  PresenceReport report{.online = online->get<bool>(),
                        .session = text_of(*json, "session"),
                        .boot = text_of(*json, "boot"),
                        .software = {},
                        .encoding = parse_encoding(text_of(*json, "encoding"))};
  if (report.session.empty()) return refuse("`session` is not a text of 1 to 64 bytes");
  if (json->contains("os_version") || json->contains("agent_version")) {
    report.software = ReportDevice::Software{.os_version = text_of(*json, "os_version"),
                                             .os_variant = variant_of(*json),
                                             .agent_version = text_of(*json, "agent_version")};
  }
  return report;
}

Result<ProgressReport> parse_json_state(std::string_view payload) {
  const auto json = parse_object(payload);
  if (!json) return tl::unexpected(json.error());
  ProgressReport report{.epoch = number_of(*json, "epoch"),
                        .sequence = number_of(*json, "seq"),
                        .running = {},
                        .status = text_of(*json, "status"),
                        .percent = percent_of(*json),
                        .code = code_of(*json),
                        .message = text_of(*json, "message", inbound::message_size_max),
                        .locks = locks_of(*json),
                        .boot = text_of(*json, "boot")};
  if (std::ranges::find(statuses, report.status) == statuses.end()) {
    return refuse("`status` is none of the words of the device channel");
  }
  // Strict, unlike the rest: an event follows from it.
  const auto running = json->find("running");
  if (running == json->end()) return refuse("`running` is missing");
  if (!running->is_null()) {
    report.running = text_of(*json, "running");
    if (!is_commit(*report.running)) return refuse("`running` is neither null nor a commit");
  }
  return report;
}

Result<AckReport> parse_json_ack(std::string_view payload) {
  const auto json = parse_object(payload);
  if (!json) return tl::unexpected(json.error());
  const auto id = parse_ulid(text_of(*json, "id"));
  if (!id) return refuse("`id` is not the id of an action");
  const auto state = parse_action_state(text_of(*json, "state"));
  if (!state || std::ranges::find(ack_states, *state) == ack_states.end()) {
    return refuse("`state` is none of the words of the device channel");
  }
  return AckReport{.epoch = number_of(*json, "epoch"),
                   .n = Sequence{number_of(*json, "n")},
                   .id = *id,
                   .state = *state,
                   .percent = percent_of(*json),
                   .code = code_of(*json),
                   .message = text_of(*json, "message", inbound::message_size_max),
                   .boot = text_of(*json, "boot")};
}

}  // namespace

Result<PresenceReport> parse_presence(std::string_view payload) {
  if (payload.size() > inbound_size_max) return too_large(payload);
  return is_json(payload) ? parse_json_presence(payload) : flat::parse_presence(payload);
}

Result<ProgressReport> parse_state(std::string_view payload) {
  if (payload.size() > inbound_size_max) return too_large(payload);
  return is_json(payload) ? parse_json_state(payload) : flat::parse_state(payload);
}

Result<AckReport> parse_ack(std::string_view payload) {
  if (payload.size() > inbound_size_max) return too_large(payload);
  return is_json(payload) ? parse_json_ack(payload) : flat::parse_ack(payload);
}

Result<Marker> parse_marker(std::string_view payload) {
  const auto json = parse_object(payload);
  if (!json) return tl::unexpected(json.error());
  const auto log = parse_uuid(text_of(*json, "log"));
  if (!log) return refuse("`log` is not a uuid");
  return Marker{.log = *log,
                .epoch = number_of(*json, "epoch"),
                .low_water = Sequence{number_of(*json, "low_water")}};
}

Result<TargetVersion> parse_target_version(std::string_view payload) {
  if (payload.size() > inbound_size_max) return refuse("it is larger than any target");
  if (!is_json(payload)) return flat::parse_target_version(payload);
  TargetVersion version;
  std::uint64_t sequence = 0;
  std::string_view rest = payload;
  if (!take_member(rest, R"({"v":1,"epoch":)", version.epoch) ||
      !take_member(rest, R"(,"seq":)", sequence) || !rest.starts_with(',')) {
    return refuse("it does not begin as a target of version 1");
  }
  if (!Json::accept(payload)) return refuse("it is not JSON");
  version.sequence = Sequence{sequence};
  return version;
}

}  // namespace muster
