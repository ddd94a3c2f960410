#include "broker-bridge/channel/flat_codec.h"

#include <doctest/doctest.h>
#include <flatbuffers/flatbuffers.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "schemas/channel_generated.h"
#include "tests/support/domain_world.h"

namespace muster {
namespace {

namespace channel = wire::channel;
using flatbuffers::FlatBufferBuilder;
using Json = nlohmann::json;

const LogIdentity identity{.log = *parse_uuid("0123456789abcdef0123456789abcdef"),
                           .epoch = 1'732'233'600};

constexpr std::size_t padding_max = 3;  // At a message's end, of no meaning.

std::string finished(FlatBufferBuilder& builder, channel::Body kind,
                     flatbuffers::Offset<void> body) {
  channel::FinishMessageBuffer(builder, channel::CreateMessage(builder, kind, body));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

std::string birth(const char* session, const char* boot = "b1") {
  FlatBufferBuilder builder;
  const auto body =
      channel::CreatePresenceDirect(builder, true, session, boot, channel::Encoding::flatbuffers,
                                    "12.4", channel::OsVariant::development, "1.1.0");
  return finished(builder, channel::Body::Presence, body.Union());
}

std::string state(const char* running, const char* message, channel::Status status) {
  FlatBufferBuilder builder;
  const std::vector<flatbuffers::Offset<flatbuffers::String>> locks{builder.CreateString("main"),
                                                                    builder.CreateString("db")};
  const auto body = channel::CreateStateDirect(builder, 3, 8'123, running, status, 140, -5, message,
                                               &locks, "b1");
  return finished(builder, channel::Body::State, body.Union());
}

/// The members of a FlatBuffers target, named and written as JSON has them.
Json members_of(const channel::Target& target) {
  Json release = nullptr;
  if (const auto* r = target.release()) {
    release = {{"id", r->id()},
               {"commit", r->commit()->str()},
               {"semver", r->semver()->str()},
               {"draft", r->draft()},
               {"manifest", r->manifest() ? Json::parse(r->manifest()->str()) : Json(nullptr)}};
  }
  Uuid uuid;
  std::copy_n(target.fleet()->uuid()->bytes()->Data(), uuid.bytes.size(), uuid.bytes.begin());
  const auto& settings = *target.settings();
  return {{"v", target.v()},
          {"epoch", target.epoch()},
          {"seq", target.seq()},
          {"fleet", {{"id", target.fleet()->id()}, {"uuid", to_string(uuid)}}},
          {"policy", channel::EnumNamePolicy(target.policy())},
          {"release", release},
          {"after_action", nullptr},
          {"settings",
           {{"public_url", settings.public_url()},
            {"local_mode", settings.local_mode()},
            {"lock_override", settings.lock_override()},
            {"support_until", nullptr}}},
          {"at", to_rfc3339(Timestamp{std::chrono::microseconds{target.at_us()}})}};
}

}  // namespace

TEST_CASE("flat codec: a target says in FlatBuffers what it says in JSON") {
  const bool holds = rc::check([] {
    test::World world;
    const FleetId fleet = world.fleet("thermo");
    const DeviceId device = world.device(fleet);
    if (*rc::gen::arbitrary<bool>()) {
      const std::string manifest = *rc::gen::element<std::string>("", "{}", R"({"a":["é",1]})");
      const auto revision = *rc::gen::arbitrary<bool>() ? std::optional(3U) : std::nullopt;
      const ReleaseId release = world.release(
          fleet, {.commit = test::commit("a1"), .revision = revision, .manifest = manifest});
      if (*rc::gen::arbitrary<bool>()) {
        world.pinned(device, release);
      } else {
        world.pinned(fleet, release);
      }
    }
    const auto flat =
        target_payload(identity, world.of(fleet), world.target(device), Encoding::flatbuffers);
    const auto json = target_payload(identity, world.of(fleet), world.target(device));
    RC_ASSERT(flat == target_payload(identity, world.of(fleet), world.target(device),
                                     Encoding::flatbuffers));
    std::vector<std::uint64_t> aligned(flat.size() / 8 + 1);
    std::memcpy(aligned.data(), flat.data(), flat.size());
    const auto* target = channel::GetMessage(aligned.data())->body_as_Target();
    RC_ASSERT(target != nullptr);
    RC_ASSERT(members_of(*target) == Json::parse(json));
    const auto version = parse_target_version(flat);
    RC_ASSERT(version && version->encoding == Encoding::flatbuffers);
    RC_ASSERT(version->sequence == parse_target_version(json)->sequence);
    RC_ASSERT(version->epoch == identity.epoch);
  });
  CHECK(holds);
}

TEST_CASE("flat codec: births and states are read whole") {
  const auto born = parse_presence(birth("s1"));
  REQUIRE(born.has_value());
  CHECK(born->online);
  CHECK(born->session == "s1");
  CHECK(born->boot == "b1");
  CHECK(born->encoding == Encoding::flatbuffers);
  REQUIRE(born->software.has_value());
  CHECK(born->software->os_version == "12.4");
  CHECK(born->software->os_variant == OsVariant::development);
  const auto said = parse_state(state("0123456789abcdef", "grüezi", channel::Status::downloading));
  REQUIRE(said.has_value());
  CHECK(said->epoch == 3);
  CHECK(said->sequence == 8'123);
  CHECK(said->running == "0123456789abcdef");
  CHECK(said->status == "downloading");
  CHECK(said->percent == 100);
  CHECK(said->code == -5);
  CHECK(said->message == "grüezi");
  CHECK(said->locks == std::vector<std::string>{"main", "db"});
  CHECK_FALSE(parse_state(state(nullptr, "", channel::Status::idle))->running.has_value());
}

TEST_CASE("flat codec: what does not fit the contract is refused") {
  CHECK_FALSE(parse_presence(birth("")).has_value());
  CHECK_FALSE(parse_presence(birth(std::string(65, 's').c_str())).has_value());
  CHECK_FALSE(parse_presence(birth("s\xff")).has_value());
  CHECK_FALSE(parse_presence(birth("s", "\xed\xa0\x80")).has_value());
  CHECK_FALSE(parse_presence(state(nullptr, "", channel::Status::idle)).has_value());
  CHECK_FALSE(parse_state(birth("s")).has_value());
  CHECK_FALSE(parse_state(state("main", "", channel::Status::idle)).has_value());
  CHECK_FALSE(parse_state(state("", "", channel::Status::idle)).has_value());
  CHECK_FALSE(parse_state(state(nullptr, "\xc3", channel::Status::idle)).has_value());
  CHECK_FALSE(parse_state(state(nullptr, "", channel::Status::none)).has_value());
  CHECK_FALSE(parse_state(state(nullptr, "", static_cast<channel::Status>(99))).has_value());
  CHECK_FALSE(parse_target_version(birth("s")).has_value());
  CHECK_FALSE(parse_state(std::string(inbound_size_max + 1, 'x')).has_value());
}

TEST_CASE("flat codec: cut or with bits turned it is refused or read, wherever it begins") {
  for (const std::string& whole :
       {birth("s1"), state("0123456789abcdef", "m", channel::Status::done)}) {
    for (std::size_t size = 0; size + padding_max < whole.size(); ++size) {
      CHECK_FALSE(parse_presence(whole.substr(0, size)).has_value());
      CHECK_FALSE(parse_state(whole.substr(0, size)).has_value());
    }
    for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
      std::string turned = whole;
      turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ static_cast<char>(1U << (bit % 8)));
      // What is still accepted keeps to the limits; the sanitizers see to the rest.
      if (const auto read = parse_presence(turned)) CHECK(read->session.size() <= 64);
      if (const auto read = parse_state(turned)) CHECK(read->percent <= 100);
      if (const auto read = parse_target_version(turned)) CHECK(read->epoch == 0);
    }
    const std::string shifted = "x" + whole;
    const auto at_odd_place = std::string_view(shifted).substr(1);
    CHECK((parse_presence(at_odd_place).has_value() || parse_state(at_odd_place).has_value()));
  }
}

}  // namespace muster
