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
constexpr std::uint8_t refused_subscription = 0x80;

tl::unexpected<Error> gone(std::string_view why) {
  return fail(ErrorCode::unavailable, fmt::format("the broker's connection is of no use: {}", why));
}

bool is_type(const MqttPacket& packet, MqttPacketType type) {
  return packet.type == static_cast<std::uint8_t>(type);
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

Result<MqttPeer> MqttPeer::connect(const HostPort& broker, const MqttLogin& login) {
  auto opened = open_socket(broker);
  if (!opened) return tl::unexpected(opened.error());
  MqttPeer peer(std::move(*opened));
  if (auto sent = peer.send(connect_packet(login)); !sent) return tl::unexpected(sent.error());
  const auto answer = peer.await(MqttPacketType::connack);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->body.size() == 2 && answer->body[1] == 0) return peer;
  return gone(fmt::format("it refuses client {}", login.client_id));
}

Result<void> MqttPeer::subscribe(std::string_view topic) {
  if (auto sent = send(subscribe_packet(++last_id_, topic)); !sent) return sent;
  const auto answer = await(MqttPacketType::suback);
  if (!answer) return tl::unexpected(answer.error());
  const bool taken = answer->body.size() == 3 &&
                     static_cast<std::uint8_t>(answer->body[2]) != refused_subscription;
  if (taken) return {};
  return gone(fmt::format("it refuses a subscription to {}", topic));
}

Result<void> MqttPeer::publish_retained(std::string_view topic, std::string_view payload) {
  if (++last_id_ == 0) ++last_id_;
  return send(retained_packet(last_id_, topic, payload));
}

Result<void> MqttPeer::receive(const Sink& sink) {
  const auto some = read_some();
  const auto at = steady_clock::now();
  if (!some) return tl::unexpected(some.error());
  for (const MqttPacket& packet : std::exchange(early_, {})) {
    if (auto done = hand_over(packet, at, sink); !done) return done;
  }
  while (true) {
    const auto packet = take_packet(unread_);
    if (!packet) return tl::unexpected(packet.error());
    if (!*packet) return {};
    if (auto done = hand_over(**packet, at, sink); !done) return done;
  }
}

Result<void> MqttPeer::hand_over(const MqttPacket& packet, SteadyTime at, const Sink& sink) {
  if (!is_type(packet, MqttPacketType::publish)) return {};
  const auto message = read_publish(packet);
  if (!message) return tl::unexpected(message.error());
  sink(*message, at);
  return message->id ? send(puback_packet(*message->id)) : Result<void>{};
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
  unread_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

/// The next packet of `type`; what comes before it is kept: a broker may send the retained
/// messages of a subscription before its answer.
Result<MqttPacket> MqttPeer::await(MqttPacketType type) {
  const auto deadline = steady_clock::now() + answer_timeout;
  while (steady_clock::now() < deadline) {
    auto packet = take_packet(unread_);
    if (!packet) return tl::unexpected(packet.error());
    if (*packet && is_type(**packet, type)) return std::move(**packet);
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
