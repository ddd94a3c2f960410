#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/domain/vocabulary.h"

/// The payloads of actions (docs/device-channel.md) from the device's side; see messages.h.
namespace muster::agent {

/// The place of an action in the queues of all devices: a higher one was queued later.
struct ActionPosition {
  std::uint64_t epoch = 0;
  std::uint64_t n = 0;

  friend auto operator<=>(const ActionPosition&, const ActionPosition&) = default;
};

/// An action is the same one only if both are equal.
struct ActionKey {
  ActionPosition position;
  std::string id;

  friend bool operator==(const ActionKey&, const ActionKey&) = default;
};

struct Action {
  ActionKey key;
  std::optional<ActionKind> kind;  // nullopt: one that this agent does not know.
  std::string args = "{}";         // A JSON object without white space.
  bool force = false;
  std::string deliver_by;              // Empty: the server waits for it as long as it takes.
  std::uint64_t execute_within_s = 0;  // 0: no limit.

  friend bool operator==(const Action&, const Action&) = default;
};

/// `reboot 9007`: for people.
std::string short_name(const Action& action);

struct Cancel {
  ActionKey key;
};

enum class AckState { delivered, started, succeeded, failed, rejected, cancelled, expired };

std::string_view to_string(AckState state) noexcept;
std::optional<AckState> parse_ack_state(std::string_view text) noexcept;

struct Ack {
  ActionKey key;
  AckState state = AckState::delivered;
  int percent = 0;
  int code = 0;
  std::string message;
  std::string boot;

  friend bool operator==(const Ack&, const Ack&) = default;
};

// Errors: invalid_input, naming the member and what is expected of it.
Result<Action> parse_action(std::string_view payload);
Result<Cancel> parse_cancel(std::string_view payload);

std::string encode_ack(const Ack& ack, Encoding encoding);

// What a device keeps of an action in its own folder, written and read back.
std::string encode_action(const Action& action);
Result<Action> parse_stored_action(std::string_view json);
Result<Ack> parse_ack(std::string_view json);

}  // namespace muster::agent
