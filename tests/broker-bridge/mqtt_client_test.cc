#include "broker-bridge/mqtt_client.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker-bridge/embedded_broker.h"
#include "tests/support/broker_support.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)
using namespace std::chrono_literals;

namespace {

/// Notes what a client tells.
class Recorder final : public MqttListener {
 public:
  void on_message(MqttMessage message) override {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  void on_delivered(DeliveryId id) override {
    const std::lock_guard lock(mutex_);
    delivered_.push_back(id);
  }
  void on_lost(std::string reason) override {
    const std::lock_guard lock(mutex_);
    losses_.push_back(std::move(reason));
  }

  std::vector<MqttMessage> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  std::vector<DeliveryId> delivered() const {
    const std::lock_guard lock(mutex_);
    return delivered_;
  }
  std::size_t delivered_count() const {
    const std::lock_guard lock(mutex_);
    return delivered_.size();
  }
  std::size_t loss_count() const {
    const std::lock_guard lock(mutex_);
    return losses_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<MqttMessage> messages_;
  std::vector<DeliveryId> delivered_;
  std::vector<std::string> losses_;
};

struct Broker {
  TemporaryFolder folder;
  std::unique_ptr<EmbeddedBroker> embedded;

  Broker() {
    auto started = EmbeddedBroker::start(broker_options(folder.path()), nullptr);
    REQUIRE_MESSAGE(started.has_value(), started.error().message);
    embedded = std::move(*started);
  }

  [[nodiscard]] MqttOptions options(const std::string& client_id) const {
    MqttOptions options;
    options.host = "127.0.0.1";
    options.port = embedded->port();
    options.client_id = client_id;
    options.username = embedded->login().username;
    options.password = embedded->login().password;
    return options;
  }
};

std::unique_ptr<MqttClient> connected(const MqttOptions& options, MqttListener& listener) {
  auto client = std::make_unique<MqttClient>(options, listener);
  const auto result = client->connect(5s);
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  return client;
}

void subscribe(MqttClient& client, const std::string& filter) {
  const std::vector<std::string> filters{filter};
  const auto result = client.subscribe(filters, 5s);
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
}

}  // namespace

TEST_CASE("mqtt client: connecting to nobody is refused with a reason, at once") {
  const auto port = free_loopback_port();
  REQUIRE(port.has_value());
  MqttOptions options;
  options.host = "127.0.0.1";
  options.port = *port;
  options.client_id = "nobody";
  Recorder recorder;
  MqttClient client(options, recorder);
  const auto started = std::chrono::steady_clock::now();
  const auto result = client.connect(5s);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::unavailable);
  CHECK(result.error().message.find(std::to_string(*port)) != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - started < 4s);
  CHECK(recorder.loss_count() == 0);
  CHECK(client.publish({"muster/v1/a", "b"}, 1).error().code == ErrorCode::unavailable);
}

TEST_CASE("mqtt client: each of 1,000 publishes in a window of 100 is delivered once") {
  const Broker broker;
  Recorder recorder;
  const auto client = connected(broker.options("window"), recorder);
  constexpr std::size_t total = 1'000;
  constexpr std::size_t window = 100;
  for (std::size_t id = 0; id < total; ++id) {
    REQUIRE(comes_true([&] { return id - recorder.delivered_count() < window; }, 5s));
    REQUIRE(client->publish({"muster/v1/window/topic", "payload"}, id).has_value());
  }
  REQUIRE(comes_true([&] { return recorder.delivered_count() == total; }, 5s));
  auto ids = recorder.delivered();
  std::sort(ids.begin(), ids.end());
  for (std::size_t id = 0; id < total; ++id) {
    REQUIRE(ids.at(id) == id);
  }
  CHECK(recorder.loss_count() == 0);
}

TEST_CASE("mqtt client: more than the window on the way is refused, not buffered") {
  const Broker broker;
  Recorder recorder;
  auto options = broker.options("full");
  options.in_flight_max = 2;
  const auto client = connected(options, recorder);
  REQUIRE(::kill(broker.embedded->pid(), SIGSTOP) == 0);
  CHECK(client->publish({"muster/v1/a", "1"}, 1).has_value());
  CHECK(client->publish({"muster/v1/a", "2"}, 2).has_value());
  const auto third = client->publish({"muster/v1/a", "3"}, 3);
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error().code == ErrorCode::unavailable);
  REQUIRE(::kill(broker.embedded->pid(), SIGCONT) == 0);
  CHECK(comes_true([&] { return recorder.delivered_count() == 2; }, 5s));
  CHECK(client->publish({"muster/v1/a", "3"}, 3).has_value());
}

TEST_CASE("mqtt client: a subscriber gets the retained message, then live ones in order") {
  const Broker broker;
  Recorder recorder;
  const auto publisher = connected(broker.options("publisher"), recorder);
  const std::string binary("\0{\xff}", 4);
  REQUIRE(publisher->publish({"muster/v1/kept", binary, true}, 1).has_value());
  REQUIRE(comes_true([&] { return recorder.delivered_count() == 1; }, 5s));
  Recorder heard;
  const auto subscriber = connected(broker.options("subscriber"), heard);
  subscribe(*subscriber, "muster/v1/kept");
  REQUIRE(comes_true([&] { return heard.messages().size() == 1; }, 5s));
  CHECK(heard.messages()[0].topic == "muster/v1/kept");
  CHECK(heard.messages()[0].payload == binary);
  CHECK(heard.messages()[0].retain);
  for (int i = 0; i < 50; ++i) {
    REQUIRE(publisher->publish({"muster/v1/kept", std::to_string(i), true}, 2).has_value());
  }
  REQUIRE(comes_true([&] { return heard.messages().size() == 51; }, 5s));
  const auto messages = heard.messages();
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(messages[i + 1].payload == std::to_string(i));
    CHECK_FALSE(messages[i + 1].retain);
  }
}

TEST_CASE("mqtt client: the will is sent when it is destroyed, not when it says goodbye") {
  const Broker broker;
  Recorder heard;
  const auto subscriber = connected(broker.options("watcher"), heard);
  subscribe(*subscriber, "muster/v1/wills/#");
  Recorder recorder;
  auto options = broker.options("polite");
  options.will = MqttMessage{"muster/v1/wills/polite", "gone", false};
  auto polite = connected(options, recorder);
  polite->disconnect(2s);
  polite.reset();
  options = broker.options("rude");
  options.will = MqttMessage{"muster/v1/wills/rude", "gone", false};
  auto rude = connected(options, recorder);
  rude.reset();
  REQUIRE(comes_true([&] { return !heard.messages().empty(); }, 5s));
  CHECK(heard.messages()[0].topic == "muster/v1/wills/rude");
  CHECK(heard.messages()[0].payload == "gone");
  CHECK(heard.messages().size() == 1);
  CHECK(recorder.loss_count() == 0);
}

TEST_CASE("mqtt client: a killed broker is one loss, and a new client connects to the next one") {
  const Broker broker;
  Recorder recorder;
  auto client = connected(broker.options("survivor"), recorder);
  REQUIRE(::kill(broker.embedded->pid(), SIGSTOP) == 0);
  for (DeliveryId id = 0; id < 50; ++id) {
    REQUIRE(client->publish({"muster/v1/a", "b"}, id).has_value());
  }
  REQUIRE(::kill(broker.embedded->pid(), SIGKILL) == 0);
  REQUIRE(comes_true([&] { return recorder.loss_count() > 0; }, 5s));
  CHECK_FALSE(client->publish({"muster/v1/a", "b"}, 99).has_value());
  client.reset();
  CHECK(recorder.loss_count() == 1);
  REQUIRE(comes_true([&] { return broker.embedded->restarts() == 1; }, 5s));
  client = connected(broker.options("survivor"), recorder);
  REQUIRE(client->publish({"muster/v1/a", "b"}, 100).has_value());
  CHECK(comes_true([&] { return recorder.delivered_count() == 1; }, 5s));
}

TEST_CASE("mqtt client: a second one of the same name takes over, and the first hears it") {
  const Broker broker;
  Recorder first;
  Recorder second;
  const auto older = connected(broker.options("bridge"), first);
  const auto newer = connected(broker.options("bridge"), second);
  CHECK(comes_true([&] { return first.loss_count() == 1; }, 5s));
  CHECK(second.loss_count() == 0);
}

TEST_CASE("mqtt client: destroyed with messages on their way, it tells nothing afterwards") {
  const Broker broker;
  for (int round = 0; round < 20; ++round) {
    auto recorder = std::make_unique<Recorder>();
    auto client = connected(broker.options("hasty"), *recorder);
    subscribe(*client, "muster/v1/echo");
    for (DeliveryId id = 0; id < 100; ++id) {
      REQUIRE(client->publish({"muster/v1/echo", std::string(200, 'x')}, id).has_value());
    }
    const auto started = std::chrono::steady_clock::now();
    client.reset();
    CHECK(std::chrono::steady_clock::now() - started < 3s);
    CHECK(recorder->loss_count() == 0);
    recorder.reset();
  }
}

TEST_CASE("mqtt client: a broker that answers nothing is a timeout, not a hang") {
  const Broker broker;
  Recorder recorder;
  auto client = std::make_unique<MqttClient>(broker.options("patient"), recorder);
  REQUIRE(::kill(broker.embedded->pid(), SIGSTOP) == 0);
  const auto result = client->connect(300ms);
  client.reset();
  REQUIRE(::kill(broker.embedded->pid(), SIGCONT) == 0);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == ErrorCode::unavailable);
}

TEST_CASE("mqtt client: of messages right after each other each keeps what is its own") {
  const Broker broker;
  Recorder heard;
  const auto subscriber = connected(broker.options("listener"), heard);
  subscribe(*subscriber, "muster/v1/mixed/#");
  Recorder recorder;
  const auto publisher = connected(broker.options("mixed"), recorder);
  constexpr int count = 60;
  for (int i = 0; i < count; ++i) {
    MqttMessage message{.topic = "muster/v1/mixed/" + std::to_string(i),
                        .payload = std::string(static_cast<std::size_t>(1 + i % 7), 'x'),
                        .retain = i % 2 == 0};
    if (i % 3 == 1) message.content_type = "application/json";
    if (i % 5 == 2) message.expires_in = 60s;
    REQUIRE(publisher->publish(std::move(message), 1).has_value());
  }
  REQUIRE(comes_true([&] { return heard.messages().size() == count; }, 5s));
  const auto messages = heard.messages();
  for (int i = 0; i < count; ++i) {
    const auto& message = messages[static_cast<std::size_t>(i)];
    CHECK(message.topic == "muster/v1/mixed/" + std::to_string(i));
    CHECK(message.payload == std::string(static_cast<std::size_t>(1 + i % 7), 'x'));
  }
  Recorder late;
  const auto newcomer = connected(broker.options("newcomer"), late);
  subscribe(*newcomer, "muster/v1/mixed/#");
  CHECK(comes_true([&] { return late.messages().size() == count / 2; }, 5s));
}
