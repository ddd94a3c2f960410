#include "tools/bench/wave/plain_publisher.h"

#include <chrono>

#include "core/base/uuid.h"

namespace muster::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto answer_timeout = 5s;
constexpr auto silence_max = 10s;
constexpr std::size_t refill_part = 4;  // Of the window: woken for each, it would be slower.

}  // namespace

PlainPublisher::PlainPublisher(const HostPort& broker, std::uint16_t window)
    : window_(window),
      client_({.host = broker.host,
               .port = broker.port,
               .client_id = to_string(random_uuid()),
               .username = {},
               .password = {},
               .will = {},
               .in_flight_max = window},
              *this) {}

Result<std::unique_ptr<PlainPublisher>> PlainPublisher::connect(const HostPort& broker,
                                                                std::uint16_t window) {
  std::unique_ptr<PlainPublisher> publisher(new PlainPublisher(broker, window));
  if (auto done = publisher->client_.connect(answer_timeout); !done) {
    return tl::unexpected(done.error());
  }
  return publisher;
}

Result<void> PlainPublisher::publish(std::span<const std::string> topics,
                                     const std::string& payload) {
  std::size_t room = 0;
  for (const std::string& topic : topics) {
    if (room == 0) {
      room = std::max<std::size_t>(1, window_ / refill_part);
      if (auto done = await(window_ - room); !done) return done;
      const std::lock_guard lock(mutex_);
      in_flight_ += room;
    }
    --room;
    auto sent = client_.publish({.topic = topic, .payload = payload, .retain = true}, 0);
    if (!sent) return sent;
  }
  {
    const std::lock_guard lock(mutex_);
    in_flight_ -= room;  // Taken and not used.
  }
  return await(0);
}

Result<void> PlainPublisher::await(std::size_t left) {
  std::unique_lock lock(mutex_);
  awaited_ = left;
  const bool came =
      changed_.wait_for(lock, silence_max, [&] { return lost_ || in_flight_ <= left; });
  if (lost_) return fail(ErrorCode::unavailable, *lost_);
  if (!came) return fail(ErrorCode::unavailable, "the broker acknowledges nothing");
  return {};
}

void PlainPublisher::on_message(MqttMessage /*message*/) {}

void PlainPublisher::on_delivered(DeliveryId /*id*/) {
  const bool enough = [&] {
    const std::lock_guard lock(mutex_);
    return --in_flight_ <= awaited_;
  }();
  if (enough) changed_.notify_one();
}

void PlainPublisher::on_lost(std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    lost_ = std::move(reason);
  }
  changed_.notify_one();
}

}  // namespace muster::bench
