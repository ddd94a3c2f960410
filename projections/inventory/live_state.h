#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace muster {

enum class Presence : std::uint8_t { unknown, online, offline };

constexpr std::string_view to_string(Presence presence) noexcept {
  switch (presence) {
    case Presence::unknown:
      return "unknown";
    case Presence::online:
      return "online";
    case Presence::offline:
      return "offline";
  }
  return "unknown";
}

/// How far a device says it is with its target; `none`: it has not said anything.
enum class ReportStatus : std::uint8_t {
  none,
  idle,
  downloading,
  downloaded,
  locked,
  waiting,
  applying,
  done,
  rejected
};

/// `none` for what is no such word.
ReportStatus parse_report_status(std::string_view word) noexcept;

/// What is known of a device right now and stored nowhere.
struct LiveState {
  Presence presence = Presence::unknown;
  ReportStatus status = ReportStatus::none;
};

/// The live states of all devices as of one moment, found by id.
struct LiveStates {
  std::vector<LiveState> devices;  // Device N at place N.
  LiveState others;                // Those beyond the end.
};

}  // namespace muster
