#include "tools/agent/agent.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <csignal>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/embedded_broker.h"
#include "broker-bridge/mqtt_client.h"
#include "tests/support/broker_support.h"
#include "tests/tools/agent/agent_support.h"

namespace muster::agent {

using namespace std::chrono_literals;
using test::comes_true;
using test::TargetText;
using test::TemporaryFolder;

namespace {

constexpr auto patience = 20s;

/// Plays the bridge: hears everything the devices say.
class Ears final : public MqttListener {
 public:
  void on_message(MqttMessage message) override {
    const std::lock_guard lock(mutex_);
    heard_[message.topic].push_back(message.payload);
  }
  void on_delivered(DeliveryId /*id*/) override { ++delivered; }
  void on_lost(std::string /*reason*/) override {}

  /// How many messages on `topic` contain `part`.
  [[nodiscard]] long count(const std::string& topic, const std::string& part) {
    const std::lock_guard lock(mutex_);
    const auto& all = heard_[topic];
    return std::count_if(all.begin(), all.end(), [&](const std::string& payload) {
      return payload.find(part) != std::string::npos;
    });
  }

  std::atomic<int> delivered = 0;

 private:
  std::mutex mutex_;
  std::map<std::string, std::vector<std::string>> heard_;  // Guarded by mutex_.
};

/// A real broker, a played bridge, and an agent with some devices.
class Bench {
 public:
  explicit Bench(std::size_t devices = 1) {
    options.folder = folder.path() / "devices";
    options.mqtt_port = broker->port();
    options.step_time = 5ms;
    options.json = true;
    options.print = [this](const std::string& line) {
      const std::lock_guard lock(mutex_);
      lines_.push_back(line);
    };
    for (std::size_t i = 0; i < devices; ++i) {
      const auto uuid = random_uuid();
      const auto token = key.sign({.issuer = log, .subject = uuid, .generation = 1});
      options.devices.push_back({uuid, to_string(uuid), token, to_string(uuid)});
    }
    connect_bridge();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() { stop(); }

  void connect_bridge() {
    bridge = std::make_unique<MqttClient>(bridge_options(), ears);
    const auto is_connected = [this] { return bridge->connect(5s).has_value(); };
    REQUIRE(comes_true(is_connected, patience));
    const std::vector<std::string> filters = {"muster/v1/d/+/up/#"};
    REQUIRE(bridge->subscribe(filters, 5s));
    publish(std::string(control_topic), muster::test::open_gate_request(), false);
  }

  void start() {
    thread =
        std::jthread([this](const std::stop_token& stop) { result = run_agent(options, stop); });
  }
  void stop() {
    if (!thread.joinable()) return;
    thread.request_stop();
    thread.join();
  }

  void publish(const std::string& topic, const std::string& payload, bool retain = true) {
    const int before = ears.delivered;
    REQUIRE(bridge->publish({topic, payload, retain}, 1));
    REQUIRE(comes_true([&] { return ears.delivered > before; }, patience));
  }
  void give(const TargetText& target, std::size_t device = 0) {
    publish(target_topic(uuid(device)), target.json());
  }

  [[nodiscard]] const Uuid& uuid(std::size_t i = 0) const { return options.devices[i].uuid; }
  [[nodiscard]] std::string presence() const { return up_topic(uuid(), UpKind::presence); }

  bool hears(UpKind kind, const std::string& part, long times = 1, std::size_t device = 0) {
    const auto topic = up_topic(uuid(device), kind);
    return comes_true([&] { return ears.count(topic, part) >= times; }, patience);
  }
  bool prints(const std::string& part) {
    return comes_true([&] { return printed(part) > 0; }, patience);
  }
  long printed(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return std::count_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
      return line.find(part) != std::string::npos;
    });
  }

  TemporaryFolder folder;
  const SigningKey key = SigningKey::generate();
  const Uuid log = random_uuid();
  std::unique_ptr<EmbeddedBroker> broker =
      EmbeddedBroker::start(muster::test::broker_options(folder.path() / "broker", key, log), [] {
      }).value();
  AgentOptions options;
  Ears ears;
  std::unique_ptr<MqttClient> bridge;
  Result<void> result;
  std::jthread thread;

 private:
  [[nodiscard]] MqttOptions bridge_options() const {
    MqttOptions mqtt;
    mqtt.host = "127.0.0.1";
    mqtt.port = broker->port();
    mqtt.client_id = "bridge";
    mqtt.username = broker->login().username;
    mqtt.password = broker->login().password;
    return mqtt;
  }

  std::mutex mutex_;
  std::vector<std::string> lines_;  // Guarded by mutex_.
};

}  // namespace

TEST_CASE("agent: a target that waited at the broker is applied and reported") {
  Bench bench;
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  CHECK(bench.hears(UpKind::presence, R"("online":true)"));
  CHECK(bench.hears(UpKind::state, R"("seq":5,"running":"aa","status":"done")"));
  CHECK(bench.prints(R"("event":"running","epoch":1732233600,"seq":5,"commit":"aa")"));
}

TEST_CASE("agent: follows live targets, never an older one, and says goodbye by its will") {
  Bench bench;
  bench.start();
  REQUIRE(bench.hears(UpKind::presence, R"("online":true)"));
  bench.give({.seq = 5, .commit = "aa"});
  CHECK(bench.hears(UpKind::state, R"("seq":5,"running":"aa","status":"done")"));
  bench.give({.seq = 4, .commit = "bb"});
  bench.give({.seq = 6, .commit = "cc"});
  CHECK(bench.hears(UpKind::state, R"("seq":6,"running":"cc","status":"done")"));
  CHECK(bench.printed(R"("commit":"bb")") == 0);
  bench.publish(target_topic(bench.uuid()), "");
  CHECK(bench.hears(UpKind::state, R"("running":"cc","status":"idle")"));
  bench.publish(target_topic(bench.uuid()), "nonsense");
  CHECK(bench.hears(UpKind::state, R"("code":400)"));
  bench.publish(action_topic(bench.uuid()), R"({"v":1})", false);
  bench.stop();
  CHECK(bench.result);
  CHECK(bench.hears(UpKind::presence, R"("online":false)"));
}

TEST_CASE("agent: remembers across a restart what it runs and what is too old") {
  Bench bench;
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  REQUIRE(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
  bench.stop();
  bench.give({.seq = 3, .commit = "bb"});
  bench.start();
  CHECK(bench.hears(UpKind::presence, R"("online":true)", 2));
  bench.give({.seq = 6, .commit = "aa"});
  CHECK(bench.hears(UpKind::state, R"("seq":6,"running":"aa","status":"done")"));
  CHECK(bench.printed(R"("event":"applying")") == 1);
}

TEST_CASE("agent: a broker killed and back gets birth, state and new subscriptions") {
  Bench bench;
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  REQUIRE(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
  REQUIRE(::kill(bench.broker->pid(), SIGKILL) == 0);
  CHECK(bench.prints(R"("event":"lost")"));
  bench.connect_bridge();
  bench.give({.seq = 6, .commit = "bb"});
  CHECK(bench.hears(UpKind::state, R"("seq":6,"running":"bb","status":"done")"));
  CHECK(comes_true([&] { return bench.printed(R"("event":"connected")") == 2; }, patience));
}

TEST_CASE("agent: a new instance of the bridge gets a second birth of the same session") {
  Bench bench;
  bench.start();
  REQUIRE(bench.hears(UpKind::presence, R"("online":true)"));
  bench.publish(std::string(bridge_topic),
                R"({"online":true,"log":"l","instance":"one","epoch":1,"spread_s":0})");
  CHECK(bench.hears(UpKind::presence, R"("online":true)", 2));
  CHECK(bench.printed(R"("event":"connected")") == 1);
}

TEST_CASE("agent: one process is many devices, each with its own target") {
  constexpr std::size_t devices = 8;
  Bench bench(devices);
  for (std::size_t i = 0; i < devices; ++i) {
    bench.give({.seq = 5 + i, .commit = fmt::format("aa{}", i)}, i);
  }
  bench.start();
  for (std::size_t i = 0; i < devices; ++i) {
    const auto done = fmt::format(R"("seq":{},"running":"aa{}","status":"done")", 5 + i, i);
    CHECK(bench.hears(UpKind::state, done, 1, i));
  }
}

TEST_CASE("agent: a lock file holds back applying until it is gone") {
  Bench bench;
  const auto locks = bench.options.folder / to_string(bench.uuid()) / "locks";
  std::filesystem::create_directories(locks);
  std::ofstream(locks / "main") << "";
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  CHECK(bench.hears(UpKind::state,
                    R"("status":"locked","percent":0,"code":0,"message":"","locks":["main"])"));
  std::filesystem::remove(locks / "main");
  CHECK(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
}

TEST_CASE("agent: runs the hook, reports why it failed, and tries again") {
  Bench bench;
  bench.options.hook = bench.folder.path() / "hook";
  std::ofstream(bench.options.hook) << R"(#!/bin/sh
[ "$1" = download ] && exit 0
[ -e "$MUSTER_FOLDER/tried" ] && exit 0
touch "$MUSTER_FOLDER/tried"; echo flash is worn out >&2; exit 9
)";
  std::filesystem::permissions(bench.options.hook, std::filesystem::perms::owner_all);
  bench.give({.seq = 5, .commit = "aa"});
  bench.start();
  CHECK(bench.hears(UpKind::state,
                    R"("status":"rejected","percent":0,"code":9,"message":"flash is worn out")"));
  CHECK(bench.hears(UpKind::state, R"("running":"aa","status":"done")"));
}

TEST_CASE("agent: refuses options it cannot work with, and a folder in use") {
  Bench bench;
  const auto refusal = [&](auto change) {
    auto options = bench.options;
    change(options);
    return run_agent(options, std::stop_token()).error();
  };
  CHECK(refusal([](AgentOptions& o) { o.devices.clear(); }).code == ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.devices.push_back(o.devices[0]); }).code ==
        ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.os_variant = "test"; }).code == ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.hook = "/nowhere"; }).code == ErrorCode::invalid_input);
  CHECK(refusal([](AgentOptions& o) { o.folder = "/proc/none"; }).code == ErrorCode::failed);
  bench.start();
  REQUIRE(bench.hears(UpKind::presence, R"("online":true)"));
  CHECK(refusal([](AgentOptions&) {}).code == ErrorCode::in_use);
}

}  // namespace muster::agent
