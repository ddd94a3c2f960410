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
  wire::FinishMessageBuffer(builder,
                            wire::CreateMessage(builder, wire::Body::Target, body.Union()));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

}  // namespace

std::string encode_check_target(const CheckTarget& target, Encoding encoding) {
  return encoding == Encoding::flatbuffers ? flat_of(target) : json_of(target);
}

}  // namespace muster::agent
