#include "tools/agent/channel/messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tools/agent/channel/flat_codec.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t name_length_max = 128;

/// Texts that end up in file names, environments and terminals of a device.
bool is_plain(const std::string& text) {
  return text.size() <= name_length_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Result<void> check_release(const Release& release) {
  if (!release.commit.empty() && is_plain(release.commit) && is_plain(release.semver)) return {};
  return fail(ErrorCode::invalid_input,
              "`release`: commit and semver must be short printable texts without spaces");
}

Result<Release> read_release(const JsonReader& in) {
  Release release;
  release.id = in.number("id");
  release.commit = in.text("commit");
  release.semver = in.optional_text("semver");
  release.manifest = in.optional_raw_object("manifest");
  if (in.problem()) return tl::unexpected(*in.problem());
  if (auto right = check_release(release); !right) return tl::unexpected(right.error());
  return release;
}

Result<void> read_settings(const JsonReader& in, Target& target) {
  target.local_mode = in.flag("local_mode");
  target.lock_override = in.flag("lock_override");
  if (in.problem()) return tl::unexpected(*in.problem());
  return {};
}

Result<Target> read_target(const JsonReader& in) {
  Target target;
  target.position = {in.number("epoch"), in.number("seq")};
  target.policy = in.text("policy");
  target.after_action = in.optional_number("after_action");
  const auto settings = in.object("settings");
  const auto release = in.nullable_object("release");
  if (in.problem()) return tl::unexpected(*in.problem());
  if (target.policy != "pinned" && target.policy != "tracking") {
    return fail(ErrorCode::invalid_input, "`policy` must be \"pinned\" or \"tracking\"");
  }
  if (auto read = read_settings(*settings, target); !read) return tl::unexpected(read.error());
  if (release) {
    auto read = read_release(*release);
    if (!read) return tl::unexpected(read.error());
    target.release = std::move(*read);
  }
  return target;
}

Result<Target> parse_flat_target(std::string_view payload) {
  auto target = flat::parse_target(payload);
  if (!target || !target->release) return target;
  if (auto right = check_release(*target->release); !right) return tl::unexpected(right.error());
  return target;
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool same_content(const Release& left, const Release& right) noexcept {
  return left.commit == right.commit && left.manifest == right.manifest;
}

std::string short_name(const Release& release) {
  constexpr std::size_t shown = 7;
  const auto commit = release.commit.substr(0, shown);
  return release.semver.empty() ? commit : fmt::format("{} ({})", commit, release.semver);
}

bool is_json(std::string_view payload) noexcept { return payload.starts_with('{'); }

Result<Target> parse_target(std::string_view payload) {
  if (!is_json(payload)) return parse_flat_target(payload);
  auto json = parse_json_object(payload);
  if (!json) return tl::unexpected(json.error());
  const JsonReader in(*json);
  const auto version = in.number("v");
  if (in.problem()) return tl::unexpected(*in.problem());
  if (version != 1) {
    return fail(ErrorCode::invalid_input,
                fmt::format("`v` is {}, this agent knows 1: update the agent", version));
  }
  return read_target(in);
}

Result<BridgeNotice> parse_bridge_notice(std::string_view payload) {
  auto json = parse_json_object(payload);
  if (!json) return tl::unexpected(json.error());
  const JsonReader in(*json);
  BridgeNotice notice{in.flag("online"), in.text("instance"), 0};
  if (notice.online) notice.spread_s = in.number("spread_s");
  if (in.problem()) return tl::unexpected(*in.problem());
  return notice;
}

std::string encode_release(const Release& release) {
  Json json = {{"id", release.id}, {"commit", release.commit}, {"semver", release.semver}};
  json["manifest"] = Json::parse(release.manifest, nullptr, false);
  return dump(json);
}

Result<Release> parse_release(std::string_view text) {
  auto json = parse_json_object(text);
  if (!json) return tl::unexpected(json.error());
  return read_release(JsonReader(*json));
}

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::idle:
      return "idle";
    case Status::downloading:
      return "downloading";
    case Status::locked:
      return "locked";
    case Status::waiting:
      return "waiting";
    case Status::applying:
      return "applying";
    case Status::done:
      return "done";
    case Status::rejected:
      return "rejected";
  }
  return "rejected";
}

std::string encode_state(const StateReport& report, Encoding encoding) {
  if (encoding == Encoding::flatbuffers) return flat::encode_state(report);
  Json json = {{"epoch", report.position.epoch}, {"seq", report.position.seq}};
  json["running"] = report.running.empty() ? Json(nullptr) : Json(report.running);
  json["status"] = to_string(report.status);
  json["percent"] = report.percent;
  json["code"] = report.code;
  json["message"] = report.message;
  json["locks"] = report.locks;
  json["boot"] = report.boot;
  return dump(json);
}

std::string encode_birth(const Birth& birth) {
  if (birth.encoding == Encoding::flatbuffers) return flat::encode_birth(birth);
  Json json = {{"online", true}, {"session", birth.session}, {"boot", birth.boot}};
  if (birth.encoding) json["encoding"] = to_string(*birth.encoding);
  json["os_version"] = birth.os_version;
  json["os_variant"] = birth.os_variant;
  json["agent_version"] = birth.agent_version;
  return dump(json);
}

std::string encode_death(std::string_view session, Encoding encoding) {
  if (encoding == Encoding::flatbuffers) return flat::encode_death(session);
  return dump(Json{{"online", false}, {"session", session}});
}

}  // namespace muster::agent
