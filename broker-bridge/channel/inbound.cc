#include "broker-bridge/channel/inbound.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>

namespace muster {
namespace {

using Json = nlohmann::json;

constexpr std::size_t text_size_max = 64;
constexpr std::size_t message_size_max = 1'024;
constexpr std::size_t locks_max = 100;
constexpr std::array<std::string_view, 8> statuses{
    "idle", "downloading", "downloaded", "locked", "waiting", "applying", "done", "rejected"};

tl::unexpected<Error> refuse(std::string what) {
  return fail(ErrorCode::invalid_input, std::move(what));
}

Result<Json> parse_object(std::string_view payload) {
  if (payload.size() > inbound_size_max) {
    return refuse(
        fmt::format("the payload has {} bytes, more than {}", payload.size(), inbound_size_max));
  }
  Json json = Json::parse(payload, nullptr, false);
  if (!json.is_object()) return refuse("the payload is not a JSON object");
  return json;
}

/// The text of a member; empty if it is absent, null, of another type or too long.
std::string text_of(const Json& json, const char* name, std::size_t size_max = text_size_max) {
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

OsVariant variant_of(const Json& json) {
  return parse_os_variant(text_of(json, "os_variant")).value_or(OsVariant::unknown);
}

}  // namespace

Result<PresenceReport> parse_presence(std::string_view payload) {
  const auto json = parse_object(payload);
  if (!json) return tl::unexpected(json.error());
  const auto online = json->find("online");
  if (online == json->end() || !online->is_boolean())
    return refuse("`online` is not true or false");
  PresenceReport report{.online = online->get<bool>(),
                        .session = text_of(*json, "session"),
                        .boot = text_of(*json, "boot"),
                        .software = {}};
  if (report.session.empty()) return refuse("`session` is not a text of 1 to 64 bytes");
  if (json->contains("os_version") || json->contains("agent_version")) {
    report.software = ReportDevice::Software{.os_version = text_of(*json, "os_version"),
                                             .os_variant = variant_of(*json),
                                             .agent_version = text_of(*json, "agent_version")};
  }
  return report;
}

Result<ProgressReport> parse_state(std::string_view payload) {
  const auto json = parse_object(payload);
  if (!json) return tl::unexpected(json.error());
  ProgressReport report{
      .epoch = number_of(*json, "epoch"),
      .sequence = number_of(*json, "seq"),
      .running = {},
      .status = text_of(*json, "status"),
      .percent = static_cast<unsigned>(std::min<std::uint64_t>(number_of(*json, "percent"), 100)),
      .code = 0,
      .message = text_of(*json, "message", message_size_max),
      .locks = {},
      .boot = text_of(*json, "boot")};
  if (std::ranges::find(statuses, report.status) == statuses.end()) {
    return refuse("`status` is none of the words of the device channel");
  }
  const std::string running = text_of(*json, "running");
  if (!running.empty()) report.running = running;
  const auto code = json->find("code");
  if (code != json->end() && code->is_number_integer()) {
    const auto value = code->get<std::int64_t>();
    report.code = static_cast<int>(std::clamp<std::int64_t>(value, std::numeric_limits<int>::min(),
                                                            std::numeric_limits<int>::max()));
  }
  const auto locks = json->find("locks");
  if (locks != json->end() && locks->is_array()) {
    for (const Json& lock : *locks) {
      if (report.locks.size() == locks_max) break;
      if (lock.is_string()) report.locks.push_back(lock.get<std::string>().substr(0, 100));
    }
  }
  return report;
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

}  // namespace muster
