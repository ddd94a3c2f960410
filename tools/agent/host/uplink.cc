#include "tools/agent/host/uplink.h"

#include <utility>

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A broker that is alive answers a publish in this time.
constexpr std::chrono::seconds delivery_max(30);

}  // namespace

void Uplink::say_birth(std::string payload) {
  if (is_open_) birth_.wanted = std::move(payload);
}

void Uplink::say_state(std::string payload) {
  if (is_open_) state_.wanted = std::move(payload);
}

void Uplink::say_ack(std::string payload) {
  if (!is_open_) return;
  acks_.push_back(std::move(payload));
  if (acks_.size() > acks_max) acks_.erase(acks_.begin());
}

bool Uplink::on_delivered(DeliveryId id) {
  if (id == birth) birth_.in_flight = false;
  if (id == state) state_.in_flight = false;
  if (id != ack) return false;
  ack_in_flight_ = false;
  return acks_.empty();
}

Result<void> Uplink::flush(const Send& send) {
  const auto send_now = [&](UpKind kind, std::string payload, Said said) {
    in_flight_since_ = SteadyClock::now();
    return send(kind, std::move(payload), said);
  };
  if (birth_.wanted && !birth_.in_flight) {
    birth_.in_flight = true;
    auto payload = *std::exchange(birth_.wanted, std::nullopt);
    if (auto sent = send_now(UpKind::presence, std::move(payload), birth); !sent) return sent;
  }
  if (birth_.wanted) return {};  // The server is to know first who speaks.
  if (state_.wanted && !state_.in_flight) {
    state_.in_flight = true;
    auto payload = *std::exchange(state_.wanted, std::nullopt);
    if (auto sent = send_now(UpKind::state, std::move(payload), state); !sent) return sent;
  }
  if (acks_.empty() || ack_in_flight_) return {};
  ack_in_flight_ = true;
  auto payload = std::move(acks_.front());
  acks_.erase(acks_.begin());
  return send_now(UpKind::ack, std::move(payload), ack);
}

bool Uplink::is_stuck() const {
  const bool is_waiting = birth_.in_flight || state_.in_flight || ack_in_flight_;
  return is_waiting && SteadyClock::now() - in_flight_since_ > delivery_max;
}

}  // namespace muster::agent
