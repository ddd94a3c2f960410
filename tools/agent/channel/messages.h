#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/domain/vocabulary.h"

/// The payloads of the device channel (docs/device-channel.md) from the device's side: read in
/// either form, written in the one asked for. Shares no code with the bridge's payloads, so that
/// neither hides a mistake of the other.
namespace muster::agent {

/// The age of a target: a higher one is newer.
struct Position {
  std::uint64_t epoch = 0;
  std::uint64_t seq = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
};

/// What a device is told to run. `manifest` is JSON, opaque here.
struct Release {
  std::uint64_t id = 0;
  std::string commit;
  std::string semver;
  std::string manifest;

  friend bool operator==(const Release&, const Release&) = default;
};

/// True if the two install the same: one commit, one manifest.
bool same_content(const Release& left, const Release& right) noexcept;

/// `9f3c2a1 (1.2.0)`: for people.
std::string short_name(const Release& release);

struct Target {
  Position position;
  std::string policy;              // "pinned" or "tracking".
  std::optional<Release> release;  // nullopt: nothing to apply.
  std::optional<std::uint64_t> after_action;
  bool local_mode = false;
  bool lock_override = false;
};

/// True if a payload is JSON; else it is FlatBuffers.
bool is_json(std::string_view payload) noexcept;

/// Errors: invalid_input, naming the member and what is expected of it.
Result<Target> parse_target(std::string_view payload);

/// What the server side says about itself on `sys/bridge`, to all devices: always JSON.
struct BridgeNotice {
  bool online = false;
  std::string instance;
  std::uint64_t spread_s = 0;
};

/// Errors: invalid_input.
Result<BridgeNotice> parse_bridge_notice(std::string_view payload);

/// A release, written to and read back from the device's own folder.
std::string encode_release(const Release& release);
Result<Release> parse_release(std::string_view json);

enum class Status { idle, downloading, locked, waiting, applying, done, rejected };

std::string_view to_string(Status status) noexcept;

struct StateReport {
  Position position;
  std::string running;  // Commit; empty: nothing.
  Status status = Status::idle;
  int percent = 0;
  int code = 0;
  std::string message;
  std::vector<std::string> locks;
  std::string boot;

  friend bool operator==(const StateReport&, const StateReport&) = default;
};

std::string encode_state(const StateReport& report, Encoding encoding);

struct Birth {
  std::string session;
  std::string boot;
  std::string os_version;
  std::string os_variant;
  std::string agent_version;
  std::optional<Encoding> encoding;  // nullopt: not said, and written as JSON.
};

std::string encode_birth(const Birth& birth);

/// The will that belongs to the birth of the same session.
std::string encode_death(std::string_view session, Encoding encoding);

}  // namespace muster::agent
