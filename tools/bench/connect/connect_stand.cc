#include "tools/bench/connect/connect_stand.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/credentials/signing_key.h"
#include "broker-bridge/embedded_broker.h"
#include "broker-bridge/mqtt_client.h"
#include "broker-bridge/support/broker_process.h"
#include "broker-bridge/support/mosquitto.h"

namespace muster::bench {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto answer_timeout = 10s;
constexpr auto settle_timeout = 30s;
constexpr auto look_again_after = 5ms;

std::size_t open_files(pid_t pid) {
  std::error_code error;
  const fs::directory_iterator files(fmt::format("/proc/{}/fd", pid), error);
  return error ? 0 : static_cast<std::size_t>(std::distance(files, fs::directory_iterator()));
}

/// Hears the plugin's answer.
class Answers final : public MqttListener {
 public:
  void on_message(MqttMessage message) override {
    const std::scoped_lock lock(mutex_);
    answer_ = std::move(message.payload);
    came_.notify_all();
  }
  void on_delivered(DeliveryId /*id*/) override {}
  void on_lost(std::string /*reason*/) override {}

  [[nodiscard]] std::string await() {
    std::unique_lock lock(mutex_);
    came_.wait_for(lock, answer_timeout, [this] { return !answer_.empty(); });
    return answer_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::string answer_;  // Guarded by mutex_.
};

Result<void> open_gate(const EmbeddedBroker& broker) {
  Answers answers;
  MqttClient client({.host = "127.0.0.1",
                     .port = broker.port(),
                     .client_id = "bench",
                     .username = broker.login().username,
                     .password = broker.login().password,
                     .will = {}},
                    answers);
  if (auto connected = client.connect(answer_timeout); !connected) return connected;
  const std::vector<std::string> filters{std::string(control_response_topic)};
  if (auto heard = client.subscribe(filters, answer_timeout); !heard) return heard;
  const ControlRequest request{.id = 1, .steps = {BeginTable{}, OpenGate{}}};
  const auto sent =
      client.publish({.topic = std::string(control_topic), .payload = render(request)}, 1);
  if (!sent) return sent;
  const std::string answer = answers.await();
  if (answer == "done 1\n") return {};
  return fail(ErrorCode::unavailable, fmt::format("the gate does not open: `{}`", answer));
}

}  // namespace

class ConnectStand::Parts {
 public:
  Result<void> open(const fs::path& folder) {
    auto started = EmbeddedBroker::start({.run_folder = folder / "guarded",
                                          .binary = {},
                                          .plugin = {},
                                          .log = log,
                                          .device_keys = key.public_pem()},
                                         nullptr);
    if (!started) return tl::unexpected(started.error());
    guarded = std::move(*started);
    if (auto opened = open_gate(*guarded); !opened) return opened;
    if (auto opened = open_plain(folder / "plain.conf"); !opened) return opened;
    idle_guarded = open_files(guarded->pid());
    idle_plain = open_files(plain->pid());
    return {};
  }

  Result<void> open_plain(const fs::path& configuration) {
    const auto port = free_loopback_port();
    if (!port) return tl::unexpected(port.error());
    plain_port = *port;
    std::ofstream(configuration) << "per_listener_settings false\nlog_type error\n"
                                 << "allow_anonymous true\nset_tcp_nodelay true\nuser root\n"
                                 << "persistence false\nlistener " << plain_port << " 127.0.0.1\n";
    const auto binary = find_mosquitto({});
    if (!binary) return tl::unexpected(binary.error());
    auto spawned = BrokerProcess::spawn(*binary, configuration);
    if (!spawned) return tl::unexpected(spawned.error());
    plain = std::move(*spawned);
    const auto deadline = steady_clock::now() + answer_timeout;
    while (plain->is_running() && !plain->is_ready() && steady_clock::now() < deadline) {
      plain->wait(-1, look_again_after);
    }
    if (plain->is_ready()) return {};
    return fail(ErrorCode::failed,
                fmt::format("the plain broker does not run: {}", plain->last_words()));
  }

  const Uuid log = random_uuid();
  const SigningKey key = SigningKey::generate();
  std::unique_ptr<EmbeddedBroker> guarded;
  std::unique_ptr<BrokerProcess> plain;
  std::uint16_t plain_port = 0;
  std::size_t idle_guarded = 0;  // Files they have open without clients.
  std::size_t idle_plain = 0;
};

Result<ConnectStand> ConnectStand::open(const fs::path& folder) {
  auto parts = std::make_unique<Parts>();
  if (auto opened = parts->open(folder); !opened) return tl::unexpected(opened.error());
  return ConnectStand(std::move(parts));
}

ConnectStand::ConnectStand(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ConnectStand::ConnectStand(ConnectStand&&) noexcept = default;
ConnectStand::~ConnectStand() = default;

std::vector<mqtt::Login> ConnectStand::new_devices(std::size_t count) const {
  std::vector<mqtt::Login> devices;
  devices.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const Uuid uuid = random_uuid();
    const std::string name = to_string(uuid);
    devices.push_back(
        {.client_id = name,
         .username = name,
         .password = parts_->key.sign(
             {.issuer = parts_->log, .subject = uuid, .generation = i + 1, .expires_at = {}}),
         .will = {}});
  }
  return devices;
}

HostPort ConnectStand::guarded() const {
  return {.host = "127.0.0.1", .port = parts_->guarded->port()};
}

HostPort ConnectStand::plain() const { return {.host = "127.0.0.1", .port = parts_->plain_port}; }

Result<void> ConnectStand::settle() const {
  constexpr std::size_t some = 2;  // A broker may open a file now and then.
  const auto deadline = steady_clock::now() + settle_timeout;
  while (open_files(parts_->guarded->pid()) > parts_->idle_guarded + some ||
         open_files(parts_->plain->pid()) > parts_->idle_plain + some) {
    if (steady_clock::now() > deadline) {
      return fail(ErrorCode::failed, "a broker does not let go of its connections");
    }
    std::this_thread::sleep_for(look_again_after);
  }
  return {};
}

}  // namespace muster::bench
