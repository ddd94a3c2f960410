#include "tools/agent/check/observer.h"

#include <fmt/format.h>

#include <algorithm>

namespace muster::agent {

std::string describe(const ProgressReport& state) {
  constexpr std::size_t shown = 7;
  return fmt::format("epoch {} seq {} {}, running {}", state.epoch, state.sequence, state.status,
                     state.running ? state.running->substr(0, shown) : "none");
}

const mqtt::ClientPublish* Observer::up(const TapRecord& record, UpKind kind) const {
  const auto* publish = std::get_if<mqtt::ClientPublish>(&record.what);
  return publish != nullptr && publish->topic == up_topic(device_, kind) ? publish : nullptr;
}

std::optional<SeenBirth> Observer::birth_in(const TapRecord& record) const {
  const auto* publish = up(record, UpKind::presence);
  if (publish == nullptr) return std::nullopt;
  auto report = parse_presence(publish->payload);
  if (!report || !report->online) return std::nullopt;
  return SeenBirth{record.connection, std::move(*report)};
}

std::optional<ProgressReport> Observer::state_in(const TapRecord& record) const {
  const auto* publish = up(record, UpKind::state);
  if (publish == nullptr) return std::nullopt;
  auto report = parse_state(publish->payload);
  if (!report) return std::nullopt;
  return std::move(*report);
}

std::optional<SeenBirth> Observer::await_birth(std::size_t mark,
                                               std::chrono::milliseconds patience) {
  const auto wanted = [this](const TapRecord& record) { return birth_in(record).has_value(); };
  const auto found = tap_.await(mark, wanted, patience);
  return found ? birth_in(*found) : std::nullopt;
}

std::optional<SeenBirth> Observer::await_return(std::size_t connection,
                                                std::chrono::milliseconds patience) {
  const auto wanted = [&](const TapRecord& record) {
    return record.connection > connection && birth_in(record).has_value();
  };
  const auto found = tap_.await(0, wanted, patience);
  return found ? birth_in(*found) : std::nullopt;
}

std::size_t Observer::newest_connection() const {
  std::size_t newest = 0;
  for (const auto& record : tap_.records(0)) newest = std::max(newest, record.connection);
  return newest;
}

std::optional<ProgressReport> Observer::await_state(std::size_t mark, const WantedState& wanted,
                                                    std::chrono::milliseconds patience) {
  const auto fits = [&](const TapRecord& record) {
    const auto state = state_in(record);
    return state && wanted(*state);
  };
  const auto found = tap_.await(mark, fits, patience);
  return found ? state_in(*found) : std::nullopt;
}

std::optional<AckReport> Observer::ack_in(const TapRecord& record) const {
  const auto* publish = up(record, UpKind::ack);
  if (publish == nullptr) return std::nullopt;
  auto report = parse_ack(publish->payload);
  if (!report) return std::nullopt;
  return std::move(*report);
}

std::optional<AckReport> Observer::await_ack(std::size_t mark, const WantedAck& wanted,
                                             std::chrono::milliseconds patience) {
  const auto fits = [&](const TapRecord& record) {
    const auto ack = ack_in(record);
    return ack && wanted(*ack);
  };
  const auto found = tap_.await(mark, fits, patience);
  return found ? ack_in(*found) : std::nullopt;
}

std::vector<AckReport> Observer::acks(std::size_t mark) const {
  std::vector<AckReport> all;
  for (const auto& record : tap_.records(mark)) {
    if (auto ack = ack_in(record)) all.push_back(std::move(*ack));
  }
  return all;
}

std::optional<ProgressReport> Observer::last(std::size_t mark) const {
  std::optional<ProgressReport> last;
  for (const auto& record : tap_.records(mark)) {
    if (auto state = state_in(record)) last = std::move(state);
  }
  return last;
}

std::string Observer::last_state(std::size_t mark) const {
  const auto state = last(mark);
  return state ? describe(*state) : "no state";
}

std::optional<mqtt::ClientConnect> Observer::connect_of(std::size_t connection) const {
  for (const auto& record : tap_.records(0)) {
    const auto* connect = std::get_if<mqtt::ClientConnect>(&record.what);
    if (connect != nullptr && record.connection == connection) return *connect;
  }
  return std::nullopt;
}

std::vector<mqtt::ClientSubscription> Observer::subscriptions_of(std::size_t connection) const {
  std::vector<mqtt::ClientSubscription> all;
  for (const auto& record : tap_.records(0)) {
    if (record.connection != connection) continue;
    if (birth_in(record)) break;
    const auto* some = std::get_if<std::vector<mqtt::ClientSubscription>>(&record.what);
    if (some != nullptr) all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

std::string Observer::wrong_publish() const {
  for (const auto& record : tap_.records(0)) {
    const auto* publish = std::get_if<mqtt::ClientPublish>(&record.what);
    if (publish == nullptr) continue;
    const auto topic = parse_up_topic(publish->topic);
    if (!topic || topic->device != device_) return fmt::format("a message on {}", publish->topic);
    if (publish->qos != 1) {
      return fmt::format("{} at QoS {}", to_string(topic->kind), publish->qos);
    }
    if (publish->retain) return fmt::format("{} retained", to_string(topic->kind));
  }
  return {};
}

std::string Observer::unreadable_publish() const {
  for (const auto& record : tap_.records(0)) {
    if (const auto* publish = up(record, UpKind::presence)) {
      const auto read = parse_presence(publish->payload);
      if (!read) return fmt::format("a presence: {}", read.error().message);
    }
    if (const auto* publish = up(record, UpKind::state)) {
      const auto read = parse_state(publish->payload);
      if (!read) return fmt::format("a state: {}", read.error().message);
    }
    if (const auto* publish = up(record, UpKind::ack)) {
      const auto read = parse_ack(publish->payload);
      if (!read) return fmt::format("an ack: {}", read.error().message);
    }
  }
  return {};
}

}  // namespace muster::agent
