#include "broker-bridge/channel/action_payload.h"

#include <doctest/doctest.h>
#include <flatbuffers/flatbuffers.h>

#include <algorithm>

#include "broker-bridge/channel/inbound.h"
#include "schemas/channel_generated.h"

namespace muster {
namespace {

namespace channel = wire::channel;

const LogIdentity identity{.log = {}, .epoch = 1'732'233'600};
const Ulid id = *parse_ulid("01JD4Z6V8M3N9Q2R5T7W0X1Y2Z");
const Timestamp monday{std::chrono::seconds{1'732'500'000}};

ActionMessage update() {
  return {.n = Sequence{9'007},
          .id = id,
          .order = {.kind = ActionKind::os_update,
                    .os_version = "6.2.0",
                    .force = true,
                    .deliver_by = monday,
                    .execute_within_s = 7'200},
          .attempt = 3};
}

const channel::Message& verified(const std::string& payload) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(payload.data());
  flatbuffers::Verifier verifier(bytes, payload.size());
  REQUIRE(channel::VerifyMessageBuffer(verifier));
  return *channel::GetMessage(bytes);
}

std::string flat_ack(channel::AckState state, const char* message) {
  flatbuffers::FlatBufferBuilder builder;
  const channel::Ulid ulid(id.bytes);
  const auto body =
      channel::CreateAckDirect(builder, 7, 9'007, &ulid, state, 140, 5, message, "b1");
  channel::FinishMessageBuffer(builder,
                               channel::CreateMessage(builder, channel::Body::Ack, body.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

std::string json_ack(std::string_view state) {
  return R"({"epoch":7,"n":9007,"id":"01JD4Z6V8M3N9Q2R5T7W0X1Y2Z","state":")" + std::string(state) +
         R"(","percent":140,"code":5,"message":"no room","boot":"b1"})";
}

}  // namespace

TEST_CASE("action payload: JSON as the contract has it") {
  CHECK(action_payload(identity, update(), Encoding::json) ==
        R"({"v":1,"epoch":1732233600,"n":9007,"id":"01JD4Z6V8M3N9Q2R5T7W0X1Y2Z",)"
        R"("kind":"os-update","args":{"version":"6.2.0"},"force":true,)"
        R"("deliver_by":"2024-11-25T02:00:00.000Z","execute_within_s":7200,"attempt":3})");
  CHECK(action_payload(identity, {.n = Sequence{1}, .id = id, .order = {}}, Encoding::json) ==
        R"({"v":1,"epoch":1732233600,"n":1,"id":"01JD4Z6V8M3N9Q2R5T7W0X1Y2Z","kind":"restart",)"
        R"("args":{},"force":false,"deliver_by":null,"execute_within_s":0,"attempt":1})");
  CHECK(cancel_payload(identity, Sequence{9'007}, id, Encoding::json) ==
        R"({"v":1,"epoch":1732233600,"n":9007,"id":"01JD4Z6V8M3N9Q2R5T7W0X1Y2Z"})");
}

TEST_CASE("action payload: FlatBuffers carries the same") {
  const std::string payload = action_payload(identity, update(), Encoding::flatbuffers);
  const auto* action = verified(payload).body_as_Action();
  REQUIRE(action != nullptr);
  CHECK(action->v() == 1);
  CHECK(action->epoch() == identity.epoch);
  CHECK(action->n() == 9'007);
  CHECK(std::ranges::equal(*action->id()->bytes(), id.bytes));
  CHECK(action->kind() == channel::ActionKind::os_update);
  CHECK(action->args()->str() == R"({"version":"6.2.0"})");
  CHECK(action->force());
  CHECK(action->deliver_by_us() == monday.time_since_epoch().count());
  CHECK(action->execute_within_s() == 7'200);
  CHECK(action->attempt() == 3);

  const std::string cancel = cancel_payload(identity, Sequence{9'007}, id, Encoding::flatbuffers);
  REQUIRE(verified(cancel).body_as_Cancel() != nullptr);
  CHECK(verified(cancel).body_as_Cancel()->n() == 9'007);
}

TEST_CASE("ack: both forms say the same") {
  for (const std::string& payload :
       {json_ack("failed"), flat_ack(channel::AckState::failed, "no room")}) {
    const auto ack = parse_ack(payload);
    REQUIRE(ack.has_value());
    CHECK(ack->epoch == 7);
    CHECK(ack->n == Sequence{9'007});
    CHECK(ack->id == id);
    CHECK(ack->state == ActionState::failed);
    CHECK(ack->percent == 100);
    CHECK(ack->code == 5);
    CHECK(ack->message == "no room");
    CHECK(ack->boot == "b1");
  }
}

TEST_CASE("ack: what does not fit the contract is refused") {
  for (const std::string_view state : {"queued", "superseded", "skipped", "done", ""}) {
    CHECK_FALSE(parse_ack(json_ack(state)).has_value());
  }
  CHECK_FALSE(parse_ack(flat_ack(channel::AckState::none, "")).has_value());
  CHECK_FALSE(parse_ack(flat_ack(channel::AckState::failed, "\xff")).has_value());
  CHECK_FALSE(parse_ack(R"({"epoch":7,"n":9007,"id":"7","state":"failed"})").has_value());
  CHECK_FALSE(parse_ack("{").has_value());
  CHECK_FALSE(parse_ack("").has_value());
  CHECK_FALSE(parse_ack(std::string(20'000, '{')).has_value());
}

}  // namespace muster
