#include "broker-bridge/mqtt_client.h"

#include <fmt/format.h>
#include <mqtt/async_client.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "broker-bridge/support/in_flight.h"
#include "broker-bridge/support/new_socket.h"
#include "broker-bridge/tls/tls_trial.h"
#include "core/base/assert.h"

namespace muster {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Paho C has one pair of threads and one set of tables per process. Destroying the last client
/// stops them, and a client that begins to connect meanwhile would wait for threads that are
/// ending. So these two take turns. Never taken on Paho's threads.
std::mutex& turn() {
  static std::mutex mutex;
  return mutex;
}

std::string server_uri(const MqttOptions& options) {
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(is_ipv6 ? "{}://[{}]:{}" : "{}://{}:{}"),
                     options.tls ? "ssl" : "tcp", options.host, options.port);
}

mqtt::message_ptr to_paho(const MqttMessage& message) {
  mqtt::properties properties;
  if (!message.content_type.empty()) {
    properties.add({mqtt::property::CONTENT_TYPE, message.content_type});
  }
  if (!message.correlation.empty()) {
    properties.add({mqtt::property::CORRELATION_DATA, message.correlation});
  }
  if (message.expires_in) {
    const auto seconds = std::clamp<std::int64_t>(message.expires_in->count(), 1, INT32_MAX);
    properties.add({mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<std::int32_t>(seconds)});
  }
  return mqtt::message::create(message.topic, message.payload, static_cast<int>(Qos::at_least_once),
                               message.retain, properties);
}

mqtt::ssl_options ssl_options(const TlsFiles& files) {
  mqtt::ssl_options ssl;
  ssl.set_trust_store(files.ca);
  ssl.set_key_store(files.certificate);
  ssl.set_private_key(files.key);
  ssl.set_enable_server_cert_auth(true);
  ssl.set_verify(true);  // That it is for this host.
  return ssl;
}

mqtt::connect_options connect_options(const MqttOptions& options) {
  mqtt::connect_options connect;
  connect.set_mqtt_version(MQTTVERSION_5);
  connect.set_clean_start(true);
  connect.set_automatic_reconnect(false);
  connect.set_keep_alive_interval(options.keep_alive);
  connect.set_max_inflight(options.in_flight_max);
  if (!options.username.empty()) {
    connect.set_user_name(options.username);
    connect.set_password(mqtt::binary_ref(options.password));
  }
  if (options.tls) {
    connect.set_ssl(ssl_options(*options.tls));
  }
  if (options.will) {
    connect.set_will_message(to_paho(*options.will));
  }
  return connect;
}

std::string_view refusal_reason(int code) {
  switch (code) {
    case mqtt::ReasonCode::UNSUPPORTED_PROTOCOL_VERSION:
      return "it does not speak MQTT 5";
    case mqtt::ReasonCode::CLIENT_IDENTIFIER_NOT_VALID:
      return "it refuses the client id";
    case mqtt::ReasonCode::BAD_USER_NAME_OR_PASSWORD:
      return "the user name or password is wrong";
    case mqtt::ReasonCode::NOT_AUTHORIZED:
      return "the client is not authorised";
    default:
      return "it is not available";
  }
}

}  // namespace

class MqttClient::Connection final : mqtt::iaction_listener {
 public:
  Connection(MqttOptions options, MqttListener& listener)
      : options_(std::move(options)),
        listener_(listener),
        connect_options_(muster::connect_options(options_)),
        in_flight_(options_.in_flight_max) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override;

  Result<void> connect(std::chrono::milliseconds timeout);
  Result<void> subscribe(const std::string& filter, SteadyTime deadline, Qos qos);
  Result<void> publish(MqttMessage message, DeliveryId id);
  void disconnect(std::chrono::milliseconds timeout);

 private:
  // Called by Paho, one at a time, under its own lock: MQTTAsync_destroy waits for them.
  void message_arrived(const mqtt::message& message);
  void on_success(const mqtt::token& publish) override;
  void on_failure(const mqtt::token& publish) override;

  mqtt::const_message_ptr enveloped(MqttMessage message);
  mqtt::token_ptr begin_connect(SteadyTime deadline);
  void close();
  void lose(std::string_view why);
  [[nodiscard]] std::string broker() const {
    return fmt::format("the MQTT broker at {}:{}", options_.host, options_.port);
  }
  [[nodiscard]] tl::unexpected<Error> connect_error(const mqtt::exception& error) const;
  [[nodiscard]] tl::unexpected<Error> no_connection(const std::string& why) const;
  [[nodiscard]] tl::unexpected<Error> not_connected() const {
    return fail(ErrorCode::unavailable, fmt::format("not connected to {}", broker()));
  }

  MqttOptions options_;
  MqttListener& listener_;
  mqtt::connect_options connect_options_;  // Paho 1.2.0 keeps pointers into it.
  mqtt::message_ptr envelope_;             // Of the last publish.
  std::string envelope_type_;              // Its content type.
  InFlight in_flight_;
  UniqueFd socket_;                     // A second handle on Paho's connection.
  std::atomic<bool> is_lost_{false};    // on_lost was called, or must not be any more.
  std::atomic<bool> is_silent_{false};  // Nothing at all may be told any more.
  // Kept until Paho is done with them: its threads wake who waits, and only then let go.
  std::vector<mqtt::token_ptr> answers_;
  std::unique_ptr<mqtt::async_client> client_;
};

MqttClient::Connection::~Connection() {
  is_silent_ = true;
  close();
}

Result<void> MqttClient::Connection::connect(std::chrono::milliseconds timeout) {
  MUSTER_ASSERT(!client_, "a client connects once");
  if (options_.tls) {
    if (auto usable = check(*options_.tls); !usable) return usable;
  }
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  connect_options_.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(timeout));
  try {
    if (begin_connect(deadline)->wait_until(deadline)) {
      return {};
    }
  } catch (const mqtt::exception& error) {
    close();
    return connect_error(error);
  }
  close();
  return no_connection(fmt::format("it did not answer within {} ms", timeout.count()));
}

/// Returns when the connection has its socket, or will not get one. Several clients may then wait
/// for their answers side by side.
mqtt::token_ptr MqttClient::Connection::begin_connect(SteadyTime deadline) {
  constexpr auto look_again_after = std::chrono::milliseconds{2};
  const std::lock_guard lock(turn());
  const NewSocket before(options_.port);
  // Paho counts what it has not sent yet, and refuses beyond 100 unless it is told otherwise.
  mqtt::create_options create(MQTTVERSION_5);
  create.set_max_buffered_messages(options_.in_flight_max);
  client_ = std::make_unique<mqtt::async_client>(server_uri(options_), options_.client_id, create);
  // Not set_callback: it holds a lock of the client while it takes the library's, and callbacks
  // do the reverse.
  client_->set_connection_lost_handler([this](const std::string&) { lose("it broke off"); });
  // A broker that says goodbye itself is told here and not there.
  client_->set_disconnected_handler([this](const mqtt::properties&, mqtt::ReasonCode code) {
    lose(fmt::format("it closed the connection with reason {:#04x}", static_cast<int>(code)));
  });
  client_->set_message_callback(
      [this](const mqtt::const_message_ptr& message) { message_arrived(*message); });
  auto answer = answers_.emplace_back(client_->connect(connect_options_));
  while (!socket_.is_open() && std::chrono::steady_clock::now() < deadline &&
         !answer->wait_for(look_again_after)) {
    socket_ = before.find();
  }
  if (!socket_.is_open()) {
    socket_ = before.find();
  }
  // Paho leaves Nagle's algorithm on: a message right after another would wait for the broker's
  // delayed acknowledgement of the first, which takes 40 ms.
  const int on = 1;
  ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return answer;
}

void MqttClient::Connection::close() {
  // Paho says goodbye when it is destroyed, and the broker would then drop the will.
  if (socket_.is_open()) {
    ::shutdown(socket_.get(), SHUT_RDWR);
  }
  const std::lock_guard lock(turn());
  client_.reset();
  answers_.clear();
  socket_.reset();
}

tl::unexpected<Error> MqttClient::Connection::connect_error(const mqtt::exception& error) const {
  const int code = error.get_return_code();  // Paho gives the CONNACK's reason here.
  if (code >= mqtt::ReasonCode::UNSPECIFIED_ERROR) {
    const bool away =
        code == mqtt::ReasonCode::SERVER_UNAVAILABLE || code == mqtt::ReasonCode::SERVER_BUSY;
    return fail(away ? ErrorCode::unavailable : ErrorCode::invalid_input,
                fmt::format("{} refused client {}: {}", broker(), options_.client_id,
                            refusal_reason(code)));
  }
  return no_connection(error.get_message());
}

/// `why` as the library puts it, or better, if TLS fails.
tl::unexpected<Error> MqttClient::Connection::no_connection(const std::string& why) const {
  constexpr std::chrono::seconds trial{1};
  const std::string problem =
      options_.tls ? try_tls(options_.host, options_.port, *options_.tls, trial) : std::string();
  return fail(ErrorCode::unavailable,
              fmt::format("cannot connect to {}: {}", broker(), problem.empty() ? why : problem));
}

Result<void> MqttClient::Connection::subscribe(const std::string& filter, SteadyTime deadline,
                                               Qos qos) {
  if (!client_) {
    return not_connected();
  }
  try {
    const auto& answer = answers_.emplace_back(client_->subscribe(filter, static_cast<int>(qos)));
    if (!answer->wait_until(deadline)) {
      return fail(ErrorCode::unavailable,
                  fmt::format("{} did not answer the subscription to {}", broker(), filter));
    }
    return {};
  } catch (const mqtt::exception& error) {
    if (error.get_reason_code() >= mqtt::ReasonCode::UNSPECIFIED_ERROR) {
      return fail(ErrorCode::invalid_input,
                  fmt::format("{} refused the subscription to {}", broker(), filter));
    }
    return fail(ErrorCode::unavailable, fmt::format("cannot subscribe to {} at {}: {}", filter,
                                                    broker(), error.get_message()));
  }
}

/// The message as the library wants it. Those that differ in topic, payload and retention only go
/// out in one and the same object: Paho copies what it sends, and each property made anew costs
/// a dozen allocations under a lock of the whole library.
mqtt::const_message_ptr MqttClient::Connection::enveloped(MqttMessage message) {
  const bool special = message.expires_in || !message.correlation.empty();
  if (special) return to_paho(message);
  if (!envelope_ || envelope_type_ != message.content_type) {
    envelope_ = to_paho(message);
    envelope_type_ = message.content_type;
    return envelope_;
  }
  envelope_->set_topic(std::move(message.topic));
  envelope_->set_payload(std::move(message.payload));
  envelope_->set_retained(message.retain);
  return envelope_;
}

Result<void> MqttClient::Connection::publish(MqttMessage message, DeliveryId id) {
  if (!client_ || is_lost_) {
    return not_connected();
  }
  InFlight::Place* place = in_flight_.take(id);
  if (place == nullptr) {
    return fail(ErrorCode::unavailable, fmt::format("{} messages to {} are on their way already",
                                                    options_.in_flight_max, broker()));
  }
  const auto envelope = enveloped(std::move(message));
  try {
    client_->publish(envelope, place, *this);
    return {};
  } catch (const mqtt::exception& error) {
    in_flight_.give_back(place);
    return fail(ErrorCode::unavailable,
                fmt::format("cannot publish to {} at {}: {}", envelope->get_topic(), broker(),
                            error.get_message()));
  }
}

void MqttClient::Connection::disconnect(std::chrono::milliseconds timeout) {
  if (!client_ || is_lost_.exchange(true)) {
    return;
  }
  try {
    // No delay for what is in flight: Paho looks at that only every few seconds. Its queue is in
    // order, so the broker has everything handed over before it reads the goodbye.
    constexpr int delay_ms = 0;
    answers_.emplace_back(client_->disconnect(delay_ms))->wait_for(timeout);
  } catch (const mqtt::exception&) {
    return;  // It was lost a moment ago: nobody to say goodbye to.
  }
}

void MqttClient::Connection::message_arrived(const mqtt::message& message) {
  if (!is_silent_) {
    listener_.on_message({message.get_topic(), message.to_string(), message.is_retained()});
  }
}

void MqttClient::Connection::on_success(const mqtt::token& publish) {
  const DeliveryId id =
      in_flight_.give_back(static_cast<InFlight::Place*>(publish.get_user_context()));
  if (!is_silent_) {
    listener_.on_delivered(id);
  }
}

// Paho reports failures of some publishes and forgets others. Each means that the connection is
// of no more use, so the owner hears that, once.
void MqttClient::Connection::on_failure(const mqtt::token& publish) {
  in_flight_.give_back(static_cast<InFlight::Place*>(publish.get_user_context()));
  const auto code = static_cast<int>(publish.get_reason_code());
  lose(code < mqtt::ReasonCode::UNSPECIFIED_ERROR
           ? "a message could not be sent"
           : fmt::format("it refused a message with reason {:#04x}", code));
}

void MqttClient::Connection::lose(std::string_view why) {
  if (!is_silent_ && !is_lost_.exchange(true)) {
    listener_.on_lost(fmt::format("lost {}: {}", broker(), why));
  }
}

MqttClient::MqttClient(MqttOptions options, MqttListener& listener)
    : connection_(std::make_unique<Connection>(std::move(options), listener)) {}

MqttClient::~MqttClient() = default;

Result<void> MqttClient::connect(std::chrono::milliseconds timeout) {
  return connection_->connect(timeout);
}

Result<void> MqttClient::subscribe(std::span<const std::string> filters,
                                   std::chrono::milliseconds timeout, Qos qos) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (const std::string& filter : filters) {
    // One by one: then Paho says which was refused.
    if (auto subscribed = connection_->subscribe(filter, deadline, qos); !subscribed) {
      return subscribed;
    }
  }
  return {};
}

Result<void> MqttClient::publish(MqttMessage message, DeliveryId id) {
  return connection_->publish(std::move(message), id);
}

void MqttClient::disconnect(std::chrono::milliseconds timeout) { connection_->disconnect(timeout); }

}  // namespace muster
