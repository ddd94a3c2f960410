#include "broker-bridge/channel/payload.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "broker-bridge/channel/flat_codec.h"

namespace muster {
namespace {

// Texts below are commits, semvers, uuids and numbers: the domain lets in no character that JSON
// would have to escape. The manifest is JSON already, checked when it came in.
void append_release(std::string& out, const Release* release) {
  if (release == nullptr) {
    out += "null";
    return;
  }
  const std::string_view manifest =
      release->manifest.empty() ? std::string_view("null") : std::string_view(release->manifest);
  fmt::format_to(std::back_inserter(out),
                 R"({{"id":{},"commit":"{}","semver":"{}","draft":{},"manifest":{}}})",
                 release->id.value(), release->commit, release->semver, release->draft(), manifest);
}

std::string time_or_null(const std::optional<Timestamp>& time) {
  return time ? fmt::format("\"{}\"", to_rfc3339(*time)) : "null";
}

}  // namespace

std::string_view content_type_of(Encoding encoding) noexcept {
  return encoding == Encoding::flatbuffers ? "application/x-flatbuffers" : "application/json";
}

std::string target_payload(const LogIdentity& identity, const Fleet& fleet, const Target& target) {
  std::string out = fmt::format(
      R"({{"v":1,"epoch":{},"seq":{},"fleet":{{"id":{},"uuid":"{}"}},"policy":"{}","release":)",
      identity.epoch, target.changed.sequence.value(), fleet.id.value(), to_string(fleet.uuid),
      target.pinned ? "pinned" : "tracking");
  append_release(out, target.release);
  const std::uint64_t after = target.after_action.value();
  const DeviceSettings& settings = target.settings;
  fmt::format_to(std::back_inserter(out),
                 R"(,"after_action":{},"settings":{{"public_url":{},"local_mode":{},)"
                 R"("lock_override":{},"support_until":{}}},"at":"{}"}})",
                 after == 0 ? "null" : fmt::to_string(after), settings.public_url,
                 settings.local_mode, settings.lock_override, time_or_null(settings.support_until),
                 to_rfc3339(target.changed.at));
  return out;
}

std::string target_payload(const LogIdentity& identity, const Fleet& fleet, const Target& target,
                           Encoding encoding) {
  return encoding == Encoding::flatbuffers ? flat::target_payload(identity, fleet, target)
                                           : target_payload(identity, fleet, target);
}

std::string bridge_payload(const LogIdentity& identity, const BridgeStatus& status) {
  return fmt::format(R"({{"online":{},"log":"{}","instance":"{}","epoch":{},"spread_s":{}}})",
                     status.online, to_string(identity.log), to_string(status.instance),
                     identity.epoch, status.spread_s);
}

std::string marker_payload(const LogIdentity& identity, Sequence low_water) {
  return fmt::format(R"({{"log":"{}","epoch":{},"low_water":{}}})", to_string(identity.log),
                     identity.epoch, low_water.value());
}

}  // namespace muster
