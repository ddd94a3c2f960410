#include "tools/bench/pin/mqtt_peer.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace muster::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds answer_timeout{5'000};

tl::unexpected<Error> gone(std::string_view why) {
  return fail(ErrorCode::unavailable, fmt::format("the broker's connection is of no use: {}", why));
}

Result<UniqueFd> open_socket(const HostPort& broker) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(broker.port);
  if (::inet_pton(AF_INET, broker.host.c_str(), &address.sin_addr) != 1) {
    return fail(ErrorCode::invalid_input, fmt::format("{} is no IPv4 address", broker.host));
  }
  UniqueFd opened(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(opened.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets want it.
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(opened.get(), generic, sizeof address) != 0) return gone(std::strerror(errno));
  return opened;
}

}  // namespace

Result<MqttPeer> MqttPeer::connect(const HostPort& broker, const mqtt::Login& login) {
  auto opened = open_socket(broker);
  if (!opened) return tl::unexpected(opened.error());
  MqttPeer peer(std::move(*opened));
  if (auto sent = peer.send(mqtt::connect_packet(login)); !sent)
    return tl::unexpected(sent.error());
  const auto answer = peer.await(mqtt::PacketType::connack);
  if (!answer) return tl::unexpected(answer.error());
  if (const auto code = mqtt::read_connack(*answer); code && *code == 0) return peer;
  return gone(fmt::format("it refuses client {}", login.client_id));
}

Result<void> MqttPeer::subscribe(std::string_view topic) {
  if (auto sent = send(mqtt::subscribe_packet(++last_id_, std::array{std::string(topic)})); !sent) {
    return sent;
  }
  const auto answer = await(mqtt::PacketType::suback);
  if (!answer) return tl::unexpected(answer.error());
  if (const auto taken = mqtt::read_suback(*answer); taken && *taken) return {};
  return gone(fmt::format("it refuses a subscription to {}", topic));
}

Result<void> MqttPeer::publish(std::string_view topic, std::string_view payload) {
  return publish(topic, payload, false);
}

Result<void> MqttPeer::publish_retained(std::string_view topic, std::string_view payload) {
  return publish(topic, payload, true);
}

Result<void> MqttPeer::publish(std::string_view topic, std::string_view payload, bool retain) {
  if (++last_id_ == 0) ++last_id_;
  return send(mqtt::publish_packet({.topic = std::string(topic),
                                    .payload = std::string(payload),
                                    .id = last_id_,
                                    .retain = retain}));
}

Result<void> MqttPeer::receive(const Sink& sink) {
  const auto some = read_some();
  const auto at = steady_clock::now();
  if (!some) return tl::unexpected(some.error());
  for (const mqtt::Packet& packet : std::exchange(early_, {})) {
    if (auto done = hand_over(packet, at, sink); !done) return done;
  }
  while (true) {
    const auto packet = incoming_.next();
    if (!packet) return tl::unexpected(packet.error());
    if (!*packet) return {};
    if (auto done = hand_over(**packet, at, sink); !done) return done;
  }
}

Result<void> MqttPeer::hand_over(const mqtt::Packet& packet, SteadyTime at, const Sink& sink) {
  if (packet.type != mqtt::PacketType::publish) return {};
  const auto message = mqtt::read_publish(packet);
  if (!message) return tl::unexpected(message.error());
  sink(*message, at);
  return message->id ? send(mqtt::puback_packet(*message->id)) : Result<void>{};
}

Result<void> MqttPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return gone(std::strerror(errno));
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

/// False if nothing is there.
Result<bool> MqttPeer::read_some() {
  std::array<char, 16'384> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (got == 0) return gone("it closed it");
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got < 0) return gone(std::strerror(errno));
  incoming_.append({buffer.data(), static_cast<std::size_t>(got)});
  return true;
}

/// The next packet of `type`; what comes before it is kept: a broker may send the retained
/// messages of a subscription before its answer.
Result<mqtt::Packet> MqttPeer::await(mqtt::PacketType type) {
  const auto deadline = steady_clock::now() + answer_timeout;
  while (steady_clock::now() < deadline) {
    auto packet = incoming_.next();
    if (!packet) return tl::unexpected(packet.error());
    if (*packet && (*packet)->type == type) return std::move(**packet);
    if (*packet) {
      early_.push_back(std::move(**packet));
      continue;
    }
    pollfd ready{socket_.get(), POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(answer_timeout.count()));
    if (auto some = read_some(); !some) return tl::unexpected(some.error());
  }
  return gone("it does not answer");
}

}  // namespace muster::bench
