#include "tools/agent/device_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/base64.h"
#include "core/base/digest.h"
#include "core/base/hex.h"
#include "core/base/log.h"
#include "tools/agent/support/files.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t format = 2;  // 1: without `actions`.

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

/// A target as text: FlatBuffers as base64url, in which there is no `{`.
std::string stored_target(const std::string& payload) {
  return is_json(payload) ? payload : to_base64url(as_bytes(payload));
}

std::optional<std::string> target_of(const std::string& stored) {
  if (is_json(stored)) return stored;
  const auto bytes = from_base64url(stored);
  if (!bytes) return std::nullopt;
  return std::string(as_text(*bytes));
}

std::string checksum(const Json& json) { return to_hex(sha256({as_bytes(dump(json))})); }

std::string encode(const DeviceState& state) {
  Json json = {{"v", format}, {"epoch", state.position.epoch}, {"seq", state.position.seq}};
  json["target"] = stored_target(state.target);
  json["running"] = state.running ? Json::parse(encode_release(*state.running)) : Json(nullptr);
  json["boot"] = state.boot;
  json["apply_open"] = state.apply_open;
  json["actions"] = Json::parse(encode_action_memory(state.actions));
  json["sha256"] = checksum(json);
  return fmt::format("{}\n", dump(json));
}

Result<DeviceState> decode(const JsonDocument& document) {
  const JsonReader in(document);
  DeviceState state;
  state.position = {in.number("epoch"), in.number("seq")};
  const auto target = target_of(in.text("target"));
  state.boot = in.text("boot");
  state.apply_open = in.flag("apply_open");
  const auto actions = in.optional_raw_object("actions");
  const auto sum = in.text("sha256");
  if (in.problem()) return tl::unexpected(*in.problem());
  if (!target) return fail(ErrorCode::corrupt, "the target is neither JSON nor base64url");
  state.target = *target;
  auto rest = document.json();
  rest.erase("sha256");
  if (checksum(rest) != sum) return fail(ErrorCode::corrupt, "the checksum does not fit");
  if (actions != "{}") {
    auto memory = parse_action_memory(actions);
    if (!memory) return tl::unexpected(memory.error());
    state.actions = std::move(*memory);
  }
  if (rest["running"].is_null()) return state;
  auto running = parse_release(rest["running"].dump());
  if (!running) return tl::unexpected(running.error());
  state.running = std::move(*running);
  return state;
}

bool is_newer(const JsonDocument& document) {
  const auto version = document.json().find("v");
  return version != document.json().end() && version->is_number_unsigned() &&
         version->get<std::uint64_t>() > format;
}

}  // namespace

StateFile::StateFile(std::filesystem::path folder)
    : folder_(std::move(folder)), file_(folder_ / "state.json") {}

Result<DeviceState> StateFile::load() {
  std::error_code ignored;
  if (!std::filesystem::exists(file_, ignored)) return DeviceState{};
  const auto text = read_file(file_);
  if (!text) return tl::unexpected(text.error());
  const auto document = parse_json_object(*text);
  if (!document) return set_aside(document.error().message);
  if (is_newer(*document)) {
    return fail(ErrorCode::incompatible,
                fmt::format("{} was written by a newer agent: run that one, or use another folder",
                            file_.string()));
  }
  auto state = decode(*document);
  if (!state) return set_aside(state.error().message);
  return state;
}

Result<DeviceState> StateFile::set_aside(std::string_view why) {
  constexpr int kept_max = 10;
  auto aside = folder_ / "state.json.damaged";
  std::error_code error;
  for (int i = 2; i <= kept_max && std::filesystem::exists(aside, error); ++i) {
    aside = folder_ / fmt::format("state.json.damaged-{}", i);
  }
  std::filesystem::rename(file_, aside, error);
  if (error) {
    return fail(ErrorCode::failed, fmt::format("cannot set the damaged {} aside: {}",
                                               file_.string(), error.message()));
  }
  log_error("device state damaged, starting as new: file={} why=\"{}\" kept_as={}", file_.string(),
            why, aside.filename().string());
  return DeviceState{};
}

Result<void> StateFile::save(const DeviceState& state) {
  return replace_file(file_, encode(state));
}

}  // namespace muster::agent
