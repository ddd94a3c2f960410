#include "tools/agent/channel/action_messages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/agent/channel/flat_action_codec.h"
#include "tools/agent/channel/messages.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t id_length_max = 64;
constexpr std::uint64_t known_version = 1;

constexpr std::array<std::pair<AckState, std::string_view>, 7> states{{
    {AckState::delivered, "delivered"},
    {AckState::started, "started"},
    {AckState::succeeded, "succeeded"},
    {AckState::failed, "failed"},
    {AckState::rejected, "rejected"},
    {AckState::cancelled, "cancelled"},
    {AckState::expired, "expired"},
}};

Result<ActionKey> checked(ActionKey key) {
  const bool plain = std::ranges::all_of(key.id, [](char c) { return c > ' ' && c <= '~'; });
  if (!key.id.empty() && key.id.size() <= id_length_max && plain) return key;
  return fail(ErrorCode::invalid_input, "`id` must be a short printable text without spaces");
}

Result<ActionKey> read_key(const JsonReader& in) {
  ActionKey key{{in.number("epoch"), in.number("n")}, in.text("id")};
  if (in.problem()) return tl::unexpected(*in.problem());
  return checked(std::move(key));
}

/// What a message to a device and the device's own copy have in common.
Result<Action> read_action(const JsonReader& in) {
  auto key = read_key(in);
  if (!key) return tl::unexpected(key.error());
  Action action{.key = std::move(*key), .kind = parse_action_kind(in.text("kind"))};
  action.args = in.optional_raw_object("args");
  action.force = in.optional_flag("force");
  action.deliver_by = in.optional_text("deliver_by");
  action.execute_within_s = in.optional_number("execute_within_s").value_or(0);
  if (in.problem()) return tl::unexpected(*in.problem());
  return action;
}

Result<void> check_version(const JsonReader& in) {
  const auto version = in.number("v");
  if (in.problem()) return tl::unexpected(*in.problem());
  if (version == known_version) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("`v` is {}, this agent knows 1: update the agent", version));
}

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const ActionKey& key) {
  return Json{{"epoch", key.position.epoch}, {"n", key.position.n}, {"id", key.id}};
}

}  // namespace

std::string_view to_string(AckState state) noexcept {
  const auto* const found =
      std::ranges::find(states, state, &std::pair<AckState, std::string_view>::first);
  return found == states.end() ? "unknown" : found->second;
}

std::optional<AckState> parse_ack_state(std::string_view text) noexcept {
  const auto* const found =
      std::ranges::find(states, text, &std::pair<AckState, std::string_view>::second);
  if (found == states.end()) return std::nullopt;
  return found->first;
}

std::string short_name(const Action& action) {
  return fmt::format("{} {}", action.kind ? to_string(*action.kind) : "unknown",
                     action.key.position.n);
}

Result<Action> parse_action(std::string_view payload) {
  if (!is_json(payload)) {
    auto action = flat::parse_action(payload);
    if (!action) return action;
    if (auto key = checked(action->key); !key) return tl::unexpected(key.error());
    return action;
  }
  const auto json = parse_json_object(payload);
  if (!json) return tl::unexpected(json.error());
  const JsonReader in(*json);
  if (auto known = check_version(in); !known) return tl::unexpected(known.error());
  return read_action(in);
}

Result<Cancel> parse_cancel(std::string_view payload) {
  if (!is_json(payload)) {
    auto cancel = flat::parse_cancel(payload);
    if (!cancel) return cancel;
    if (auto key = checked(cancel->key); !key) return tl::unexpected(key.error());
    return cancel;
  }
  const auto json = parse_json_object(payload);
  if (!json) return tl::unexpected(json.error());
  const JsonReader in(*json);
  if (auto known = check_version(in); !known) return tl::unexpected(known.error());
  auto key = read_key(in);
  if (!key) return tl::unexpected(key.error());
  return Cancel{std::move(*key)};
}

std::string encode_ack(const Ack& ack, Encoding encoding) {
  if (encoding == Encoding::flatbuffers) return flat::encode_ack(ack);
  Json json = json_of(ack.key);
  json["state"] = to_string(ack.state);
  json["percent"] = ack.percent;
  json["code"] = ack.code;
  json["message"] = ack.message;
  json["boot"] = ack.boot;
  return dump(json);
}

std::string encode_action(const Action& action) {
  Json json = json_of(action.key);
  json["kind"] = action.kind ? to_string(*action.kind) : "";
  json["args"] = Json::parse(action.args, nullptr, false);
  json["force"] = action.force;
  json["deliver_by"] = action.deliver_by;
  json["execute_within_s"] = action.execute_within_s;
  return dump(json);
}

Result<Action> parse_stored_action(std::string_view text) {
  const auto json = parse_json_object(text);
  if (!json) return tl::unexpected(json.error());
  return read_action(JsonReader(*json));
}

Result<Ack> parse_ack(std::string_view text) {
  const auto json = parse_json_object(text);
  if (!json) return tl::unexpected(json.error());
  const JsonReader in(*json);
  auto key = read_key(in);
  if (!key) return tl::unexpected(key.error());
  const auto state = parse_ack_state(in.text("state"));
  Ack ack{.key = std::move(*key), .state = state.value_or(AckState::failed)};
  ack.percent = static_cast<int>(in.number("percent"));
  ack.code = static_cast<int>(in.number("code"));
  ack.message = in.text("message");
  ack.boot = in.text("boot");
  if (in.problem()) return tl::unexpected(*in.problem());
  if (!state) return fail(ErrorCode::invalid_input, "`state` is no state of an action");
  return ack;
}

}  // namespace muster::agent
