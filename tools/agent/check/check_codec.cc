#include "tools/agent/check/check_codec.h"

#include <nlohmann/json.hpp>

#include "schemas/channel_generated.h"

namespace muster::agent {
namespace {

namespace wire = muster::wire::channel;
using Json = nlohmann::ordered_json;

constexpr unsigned version = 1;
constexpr unsigned fleet_id = 7;
constexpr unsigned release_id = 31;
constexpr auto semver = "1.0.0";
constexpr auto deliver_by = "2106-02-07T06:28:15.000Z";
constexpr unsigned execute_within_s = 900;
constexpr auto manifest = R"({"services":{"main":"check:1"}})";

std::string json_of(const CheckTarget& target) {
  Json release = nullptr;
  if (!target.commit.empty()) {
    release = Json{{"id", release_id},
                   {"commit", target.commit},
                   {"semver", semver},
                   {"draft", false},
                   {"manifest", Json::parse(manifest)}};
    if (target.unknown_members) release["channel"] = Json{{"name", "beta"}};
  }
  Json json{{"v", version},
            {"epoch", target.epoch},
            {"seq", target.seq},
            {"fleet", {{"id", fleet_id}, {"uuid", std::string(32, '7')}}},
            {"policy", "tracking"},
            {"release", std::move(release)},
            {"after_action", target.after_action ? Json(*target.after_action) : Json(nullptr)},
            {"settings",
             {{"public_url", false},
              {"local_mode", target.local_mode},
              {"lock_override", false},
              {"support_until", nullptr}}},
            {"at", "2026-11-21T08:30:00.000Z"}};
  if (target.unknown_members) {
    json["new_member"] = Json{{"deep", {1, "two", nullptr}}};
    json["settings"]["new_setting"] = true;
  }
  return json.dump();
}

std::string finished(flatbuffers::FlatBufferBuilder& builder, wire::Body kind,
                     flatbuffers::Offset<void> body) {
  wire::FinishMessageBuffer(builder, wire::CreateMessage(builder, kind, body));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

std::string flat_of(const CheckTarget& target) {
  flatbuffers::FlatBufferBuilder builder;
  flatbuffers::Offset<wire::Release> release;
  if (!target.commit.empty()) {
    release = wire::CreateReleaseDirect(builder, release_id, target.commit.c_str(), semver, false,
                                        manifest);
  }
  const wire::Uuid uuid;
  const auto fleet = wire::CreateFleet(builder, fleet_id, &uuid);
  const auto settings = wire::CreateSettings(builder, false, target.local_mode);
  const auto body =
      wire::CreateTarget(builder, version, target.epoch, target.seq, fleet, wire::Policy::tracking,
                         release, target.after_action, settings);
  return finished(builder, wire::Body::Target, body.Union());
}

std::string json_of(const CheckAction& action) {
  return Json{{"v", version},
              {"epoch", action.epoch},
              {"n", action.n},
              {"id", to_string(action.id)},
              {"kind", action.is_known ? "blink" : "muster-check"},
              {"args", Json::object()},
              {"force", false},
              {"deliver_by", deliver_by},
              {"execute_within_s", execute_within_s},
              {"attempt", 1}}
      .dump();
}

wire::Ulid flat_id(const CheckAction& action) {
  return wire::Ulid(flatbuffers::make_span(action.id.bytes));
}

std::string flat_of(const CheckAction& action) {
  constexpr wire::ActionKind unknown{200};
  flatbuffers::FlatBufferBuilder builder;
  const auto id = flat_id(action);
  const auto kind = action.is_known ? wire::ActionKind::blink : unknown;
  const auto body =
      wire::CreateActionDirect(builder, version, action.epoch, action.n, &id, kind, "{}", false,
                               flatbuffers::nullopt, execute_within_s, 1);
  return finished(builder, wire::Body::Action, body.Union());
}

}  // namespace

std::string encode_check_target(const CheckTarget& target, Encoding encoding) {
  return encoding == Encoding::flatbuffers ? flat_of(target) : json_of(target);
}

std::string encode_check_action(const CheckAction& action, Encoding encoding) {
  return encoding == Encoding::flatbuffers ? flat_of(action) : json_of(action);
}

std::string encode_check_cancel(const CheckAction& action, Encoding encoding) {
  if (encoding == Encoding::flatbuffers) {
    flatbuffers::FlatBufferBuilder builder;
    const auto id = flat_id(action);
    const auto body = wire::CreateCancel(builder, version, action.epoch, action.n, &id);
    return finished(builder, wire::Body::Cancel, body.Union());
  }
  return Json{
      {"v", version}, {"epoch", action.epoch}, {"n", action.n}, {"id", to_string(action.id)}}
      .dump();
}

}  // namespace muster::agent
