#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "tools/agent/device.h"

namespace muster::test {

/// A target as the bridge sends it. Each member has what most tests want.
struct TargetText {
  std::uint64_t seq = 1;
  std::string commit = "9f3c2a1b00";  // Empty: release null.
  std::string manifest = R"({"services":{"main":"app:1"}})";
  std::string after_action = "null";
  bool local_mode = false;
  bool lock_override = false;
  std::uint64_t epoch = 1732233600;
  std::string policy = "tracking";

  [[nodiscard]] std::string release() const {
    if (commit.empty()) return "null";
    return fmt::format(R"({{"id":31,"commit":"{}","semver":"1.2.0","draft":false,"manifest":{}}})",
                       commit, manifest);
  }

  [[nodiscard]] std::string json() const {
    return fmt::format(
        R"({{"v":1,"epoch":{},"seq":{},"fleet":{{"id":7,"uuid":"00"}},"policy":"{}",)"
        R"("release":{},"after_action":{},"settings":{{"public_url":false,"local_mode":{},)"
        R"("lock_override":{},"support_until":null}},"at":"2026-11-21T08:30:00Z"}})",
        epoch, seq, policy, release(), after_action, local_mode, lock_override);
  }
};

/// An action as the bridge sends it. Each member has what most tests want.
struct ActionText {
  std::uint64_t n = 9;
  std::string kind = "restart";
  std::string id = "01JD00000000000000000000AA";
  bool force = false;
  std::string deliver_by = R"("2026-11-28T08:30:00.000Z")";
  std::uint64_t execute_within_s = 900;
  std::string args = "{}";
  std::uint64_t epoch = 1732233600;

  [[nodiscard]] std::string json() const {
    return fmt::format(R"({{"v":1,"epoch":{},"n":{},"id":"{}","kind":"{}","args":{},"force":{},)"
                       R"("deliver_by":{},"execute_within_s":{},"attempt":1}})",
                       epoch, n, id, kind, args, force, deliver_by, execute_within_s);
  }

  [[nodiscard]] std::string cancel_json() const {
    return fmt::format(R"({{"v":1,"epoch":{},"n":{},"id":"{}"}})", epoch, n, id);
  }
};

using Outputs = std::vector<agent::DeviceOutput>;

/// The outputs of one kind.
template <typename Output>
std::vector<Output> only(const Outputs& outputs) {
  std::vector<Output> result;
  for (const auto& output : outputs) {
    if (const auto* found = std::get_if<Output>(&output)) result.push_back(*found);
  }
  return result;
}

/// What the outputs do, in order, without what they print: `save start:download state:idle`.
inline std::string deeds(const Outputs& outputs) {
  std::string text;
  for (const auto& output : outputs) {
    std::string deed;
    if (std::holds_alternative<agent::SaveState>(output)) deed = "save";
    if (std::holds_alternative<agent::PublishBirth>(output)) deed = "birth";
    if (std::holds_alternative<agent::CancelStep>(output)) deed = "cancel";
    if (const auto* state = std::get_if<agent::PublishState>(&output)) {
      deed = fmt::format("state:{}", to_string(state->report.status));
    }
    if (const auto* start = std::get_if<agent::StartStep>(&output)) {
      deed = fmt::format("{}:{}", to_string(start->kind), start->release.commit);
    }
    if (const auto* ack = std::get_if<agent::PublishAck>(&output)) {
      deed = fmt::format("ack:{}:{}", ack->ack.key.position.n, to_string(ack->ack.state));
    }
    if (const auto* start = std::get_if<agent::StartDeed>(&output)) {
      deed = fmt::format("{}:{}{}", to_string(*start->action.kind), start->action.key.position.n,
                         start->again ? ":again" : "");
    }
    if (const auto* run = std::get_if<agent::RunServices>(&output)) {
      deed = fmt::format("services:{}", run->release.commit);
    }
    if (const auto* timer = std::get_if<agent::ScheduleTimer>(&output)) {
      deed = fmt::format("timer:{}..{}", timer->at_least.count(), timer->at_most.count());
    }
    if (deed.empty()) continue;
    if (!text.empty()) text += ' ';
    text += deed;
  }
  return text;
}

}  // namespace muster::test
