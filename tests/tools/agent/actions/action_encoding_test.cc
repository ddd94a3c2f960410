// Actions, cancels and acks in both forms.
#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "core/base/clock.h"
#include "core/base/ulid.h"
#include "schemas/channel_generated.h"
#include "tests/tools/agent/agent_support.h"
#include "tools/agent/channel/action_messages.h"

namespace muster::agent {
namespace {

namespace wire = muster::wire::channel;

const Ulid id = *parse_ulid("01JD00000000000000000000AA");
constexpr auto deadline = "2026-11-28T08:30:00.000Z";

wire::Ulid flat_id() { return wire::Ulid(flatbuffers::make_span(id.bytes)); }

std::string finish(flatbuffers::FlatBufferBuilder& builder, wire::Body kind,
                   flatbuffers::Offset<void> body) {
  wire::FinishMessageBuffer(builder, wire::CreateMessage(builder, kind, body));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

std::string flat_action(wire::ActionKind kind, const char* args, bool has_deadline = true) {
  flatbuffers::FlatBufferBuilder builder;
  const auto ulid = flat_id();
  const auto at = parse_rfc3339(deadline).value().time_since_epoch().count();
  const auto body = wire::CreateActionDirect(
      builder, 1, 7, 9, &ulid, kind, args, true,
      has_deadline ? flatbuffers::Optional<std::int64_t>(at) : flatbuffers::nullopt, 60, 2);
  return finish(builder, wire::Body::Action, body.Union());
}

std::string flat_cancel() {
  flatbuffers::FlatBufferBuilder builder;
  const auto ulid = flat_id();
  return finish(builder, wire::Body::Cancel, wire::CreateCancel(builder, 1, 7, 9, &ulid).Union());
}

}  // namespace

TEST_CASE("action encoding: both forms of an action are read alike") {
  const test::ActionText json{.kind = "os-update",
                              .force = true,
                              .execute_within_s = 60,
                              .args = R"({"version":"6.2.0"})",
                              .epoch = 7};
  CHECK(parse_action(json.json()).value() ==
        parse_action(flat_action(wire::ActionKind::os_update, R"({ "version":"6.2.0"})")).value());
  const test::ActionText bare{
      .force = true, .deliver_by = "null", .execute_within_s = 60, .epoch = 7};
  CHECK(parse_action(bare.json()).value() ==
        parse_action(flat_action(wire::ActionKind::restart, nullptr, false)).value());
  CHECK_FALSE(parse_action(flat_action(wire::ActionKind{99}, nullptr)).value().kind);
  CHECK(parse_cancel(json.cancel_json()).value().key == parse_cancel(flat_cancel()).value().key);
}

TEST_CASE("action encoding: FlatBuffers that are cut, or something else, are refused") {
  constexpr std::size_t padding_max = 3;  // At a message's end, of no meaning.
  const auto whole = flat_action(wire::ActionKind::blink, "{}");
  for (std::size_t size = 1; size + padding_max < whole.size(); ++size) {
    CHECK_FALSE(parse_action(whole.substr(0, size)));
  }
  CHECK_FALSE(parse_action(flat_cancel()));
  CHECK_FALSE(parse_cancel(whole));
  CHECK_FALSE(parse_action(flat_action(wire::ActionKind::blink, "[]")));
}

TEST_CASE("action encoding: an ack is written alike in both forms") {
  const Ack ack{.key = {{7, 9}, to_string(id)},
                .state = AckState::failed,
                .percent = 40,
                .code = 28,
                .message = "no space",
                .boot = "b"};
  CHECK(encode_ack(ack, Encoding::json) ==
        R"({"epoch":7,"n":9,"id":"01JD00000000000000000000AA","state":"failed","percent":40,)"
        R"("code":28,"message":"no space","boot":"b"})");
  CHECK(parse_ack(encode_ack(ack, Encoding::json)).value() == ack);
  const auto flat = encode_ack(ack, Encoding::flatbuffers);
  const auto* read = wire::GetMessage(flat.data())->body_as_Ack();
  REQUIRE(read != nullptr);
  CHECK(read->epoch() == 7);
  CHECK(read->n() == 9);
  CHECK(std::equal(read->id()->bytes()->begin(), read->id()->bytes()->end(), id.bytes.begin()));
  CHECK(read->state() == wire::AckState::failed);
  CHECK(read->percent() == 40);
  CHECK(read->code() == 28);
  CHECK(read->message()->str() == "no space");
  CHECK(read->boot()->str() == "b");
}

}  // namespace muster::agent
