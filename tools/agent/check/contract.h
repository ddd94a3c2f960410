#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/domain/vocabulary.h"
#include "tools/agent/credentials.h"

namespace muster::agent {

enum class Verdict { passed, failed, skipped };

std::string_view to_string(Verdict verdict) noexcept;

/// How a device keeps one rule of docs/device-channel.md.
struct CheckLine {
  std::string number;  // As the rule has it there.
  std::string rule;
  Verdict verdict = Verdict::skipped;
  std::string seen;  // What was seen, or why it was skipped.
};

struct CheckOptions {
  std::string command;                           // Starts the device; empty: the user does.
  std::optional<DeviceCredentials> credentials;  // nullopt: made up for this check.
  std::string mqtt_host;                         // Empty: a broker of our own.
  std::uint16_t mqtt_port = 0;
  std::chrono::seconds connect_max{60};    // Until it connects once its program was started.
  std::chrono::seconds step_max{60};       // Until it runs what it should.
  std::chrono::seconds reconnect_max{60};  // Until it is back after a break.
  std::chrono::milliseconds answer_max{5'000};
  std::chrono::milliseconds quiet{1'500};  // Nothing came so long: nothing will.
  unsigned spread_s = 2;

  /// With what the device is to connect, before it is waited for: what `device register` prints.
  std::function<void(const std::string& json)> ready;
  std::function<void(const CheckLine& line)> show;  // Each, as soon as it is known.
  std::function<bool()> stopped;
};

/// Plays the server towards one device, and says how it keeps each rule that can be seen from
/// outside. Takes some ten seconds and a few of the device's steps.
/// Errors: invalid_input, unavailable, failed: the check itself could not be made.
Result<std::vector<CheckLine>> check_contract(const CheckOptions& options);

}  // namespace muster::agent
