#include "tools/server/api/commands/pin_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

namespace muster {
namespace {

/// Whether JSON has the text as it is.
bool is_plain(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return c >= ' ' && c < '\x7f' && c != '"' && c != '\\'; });
}

/// The text as a JSON string.
std::string json_text(std::string_view text) {
  if (is_plain(text)) return fmt::format("\"{}\"", text);
  using Json = nlohmann::ordered_json;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

bool is_single_pin(const Accepted& accepted) {
  return accepted.events().size() == 1 && accepted.events().front().meta.count == 1 &&
         std::holds_alternative<DevicePinned>(accepted.events().front().event);
}

void append_pin_answer(std::string& out, const Accepted& accepted, Names& names, bool current) {
  const Recorded& recorded = accepted.events().front();
  const auto& pin = std::get<DevicePinned>(recorded.event);
  const auto version = names.version_of(pin.release);
  const std::string release = json_text(names.of(pin.release));
  const std::string sequence = fmt::to_string(recorded.sequence.value());
  const std::string change =
      fmt::format(R"("device":{},"from":{},"to":{})", json_text(names.of(pin.id)),
                  pin.previous_pin ? json_text(names.of(*pin.previous_pin)) : "null", release);
  const auto to = std::back_inserter(out);
  fmt::format_to(to, R"({{"changed":true{}{},"sequence":{},"release":{},"version_text":{},{})",
                 accepted.dry_run ? R"(,"dry_run":true)" : "",
                 accepted.repeated ? R"(,"repeated":true)" : "",
                 accepted.dry_run ? std::string_view("null") : sequence, release,
                 version ? json_text(*version) : "null", change);
  if (pin.reach) {
    fmt::format_to(to, R"(,"following":{},"pinned":{})", pin.reach->following, pin.reach->pinned);
  }
  out.append(R"(,"changes":[{"event":"DevicePinned",)");
  if (!accepted.dry_run) fmt::format_to(to, R"("sequence":{},)", sequence);
  fmt::format_to(to, R"({}}}],"views":"{}"}})", change, current ? "current" : "behind");
}

}  // namespace muster
