#include "broker-bridge/reconcile/target_reading.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/mqtt_client.h"

namespace muster {
namespace {

using std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr auto answer_timeout = 5s;
constexpr auto goodbye_timeout = 1s;
constexpr auto reading_max = 30s;
constexpr auto quiet = 1s;  // After our own last word: what is still on its way comes within.

/// Hears the targets, then the nonce that was sent after the subscription to them was answered.
class Listener final : public MqttListener {
 public:
  explicit Listener(std::string nonce) : nonce_(std::move(nonce)) {}

  void on_message(MqttMessage message) override {
    const std::scoped_lock lock(mutex_);
    const bool ends = message.topic == probe_topic && message.payload == nonce_;
    if (ends || (last_ && message.retain)) {
      last_ = steady_clock::now();
      changed_.notify_one();
    }
    if (message.topic != probe_topic) heard_.hear(message.topic, message.payload);
  }

  void on_delivered(DeliveryId /*id*/) override {}

  void on_lost(std::string reason) override {
    const std::scoped_lock lock(mutex_);
    lost_ = std::move(reason);
    changed_.notify_one();
  }

  /// Waits until the nonce came and no retained message for a while.
  Result<RetainedTargets> wait(const std::stop_token& stop) {
    const auto deadline = steady_clock::now() + reading_max;
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested() && !lost_ && steady_clock::now() < deadline) {
      const auto seen = last_;
      if (seen && steady_clock::now() >= *seen + quiet) return std::move(heard_);
      changed_.wait_until(lock, stop, seen ? *seen + quiet : deadline,
                          [&] { return lost_ || last_ != seen; });
    }
    if (stop.stop_requested()) return fail(ErrorCode::unavailable, "the reading was given up");
    if (lost_) return fail(ErrorCode::unavailable, *lost_);
    return fail(ErrorCode::unavailable,
                "the broker did not send its retained targets to the end within 30 s");
  }

 private:
  const std::string nonce_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  RetainedTargets heard_;                         // Guarded by mutex_.
  std::optional<steady_clock::time_point> last_;  // Of the end. Guarded by mutex_.
  std::optional<std::string> lost_;               // Guarded by mutex_.
};

}  // namespace

Result<RetainedTargets> read_retained_targets(const TargetReadingOptions& options,
                                              const std::stop_token& stop) {
  const std::string nonce = to_string(random_uuid());
  Listener listener(nonce);
  MqttClient client(MqttOptions{.host = options.host,
                                .port = options.port,
                                .client_id = options.client_id,
                                .username = options.username,
                                .password = options.password,
                                .will = {},
                                .tls = options.tls},
                    listener);
  if (auto done = client.connect(answer_timeout); !done) return tl::unexpected(done.error());
  const std::vector<std::string> filters{std::string(probe_topic), std::string(all_targets_filter)};
  const auto subscribed = client.subscribe(filters, answer_timeout, Qos::at_most_once);
  if (!subscribed) return tl::unexpected(subscribed.error());
  const auto sent = client.publish({.topic = std::string(probe_topic), .payload = nonce}, 0);
  if (!sent) return tl::unexpected(sent.error());
  auto heard = listener.wait(stop);
  client.disconnect(goodbye_timeout);
  if (!heard) return heard;
  if (heard->overflowed()) {
    return fail(ErrorCode::unavailable, "the broker has more targets than can be compared");
  }
  heard->settle();
  return heard;
}

}  // namespace muster
