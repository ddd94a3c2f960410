#include "tools/agent/channel/flat_action_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "core/base/clock.h"
#include "core/base/ulid.h"
#include "tools/agent/channel/flat_parts_codec.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent::flat {
namespace {

constexpr std::size_t builder_bytes = 256;

std::optional<ActionKind> kind_of(wire::ActionKind kind) {
  switch (kind) {
    case wire::ActionKind::restart:
      return ActionKind::restart;
    case wire::ActionKind::purge:
      return ActionKind::purge;
    case wire::ActionKind::reboot:
      return ActionKind::reboot;
    case wire::ActionKind::shutdown:
      return ActionKind::shutdown;
    case wire::ActionKind::os_update:
      return ActionKind::os_update;
    case wire::ActionKind::blink:
      return ActionKind::blink;
    case wire::ActionKind::none:
      break;
  }
  return std::nullopt;
}

wire::AckState to_wire(AckState state) {
  switch (state) {
    case AckState::delivered:
      return wire::AckState::delivered;
    case AckState::started:
      return wire::AckState::started;
    case AckState::succeeded:
      return wire::AckState::succeeded;
    case AckState::failed:
      return wire::AckState::failed;
    case AckState::rejected:
      return wire::AckState::rejected;
    case AckState::cancelled:
      return wire::AckState::cancelled;
    case AckState::expired:
      return wire::AckState::expired;
  }
  return wire::AckState::failed;
}

std::string id_text(const wire::Ulid& id) {
  Ulid ulid;
  std::ranges::copy(*id.bytes(), ulid.bytes.begin());
  return to_string(ulid);
}

/// All zero for a text that is no ULID: it came as JSON, and the server will not know it.
wire::Ulid id_bytes(const std::string& id) {
  const auto ulid = parse_ulid(id).value_or(Ulid{});
  return wire::Ulid(flatbuffers::make_span(ulid.bytes));
}

std::string deadline_text(flatbuffers::Optional<std::int64_t> us) {
  return us ? to_rfc3339(Timestamp(std::chrono::microseconds(*us))) : std::string();
}

}  // namespace

Result<Action> parse_action(std::string_view payload) {
  const VerifiedMessage message(payload);
  if (!message.is_whole()) return not_a_message();
  const auto* in = message.get().body_as_Action();
  if (in == nullptr) return refuse("the message is no action");
  if (auto known = check_version(in->v()); !known) return tl::unexpected(known.error());
  Action action{.key = {{in->epoch(), in->n()}, id_text(*in->id())}, .kind = kind_of(in->kind())};
  action.force = in->force();
  action.deliver_by = deadline_text(in->deliver_by_us());
  action.execute_within_s = in->execute_within_s();
  if (in->args() == nullptr) return action;
  auto args = compact_json_object(in->args()->string_view());
  if (!args) return refuse(fmt::format("`args`: {}", args.error().message));
  action.args = std::move(*args);
  return action;
}

Result<Cancel> parse_cancel(std::string_view payload) {
  const VerifiedMessage message(payload);
  if (!message.is_whole()) return not_a_message();
  const auto* in = message.get().body_as_Cancel();
  if (in == nullptr) return refuse("the message is no cancel");
  if (auto known = check_version(in->v()); !known) return tl::unexpected(known.error());
  return Cancel{{{in->epoch(), in->n()}, id_text(*in->id())}};
}

std::string encode_ack(const Ack& ack) {
  flatbuffers::FlatBufferBuilder builder(builder_bytes);
  const auto message = text(builder, ack.message);
  const auto boot = text(builder, ack.boot);
  const auto id = id_bytes(ack.key.id);
  const auto body =
      wire::CreateAck(builder, ack.key.position.epoch, ack.key.position.n, &id, to_wire(ack.state),
                      static_cast<std::uint8_t>(ack.percent), ack.code, message, boot);
  return finish(builder, wire::Body::Ack, body.Union());
}

}  // namespace muster::agent::flat
