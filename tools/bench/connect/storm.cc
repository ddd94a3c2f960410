#include "tools/bench/connect/storm.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "broker-bridge/support/unique_fd.h"

namespace muster::bench {
namespace {

using std::chrono::steady_clock;

constexpr int patience_ms = 10'000;
constexpr std::size_t connack_size = 4;

tl::unexpected<Error> broken(std::string_view why) {
  return fail(ErrorCode::unavailable, fmt::format("the storm broke off: {}", why));
}

/// Gone at once, so that the next storm finds its port free.
void cut_when_closed(int fd) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

class Storm {
 public:
  explicit Storm(const StormPlan& plan)
      : plan_(plan), poll_(::epoll_create1(EPOLL_CLOEXEC)), sockets_(plan.clients.size()) {}

  Result<std::chrono::nanoseconds> run() {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(plan_.broker.port);
    if (::inet_pton(AF_INET, plan_.broker.host.c_str(), &address_.sin_addr) != 1) {
      return broken(fmt::format("{} is no IPv4 address", plan_.broker.host));
    }
    const auto began = steady_clock::now();
    while (answered_ < plan_.clients.size()) {
      if (auto filled = fill(); !filled) return tl::unexpected(filled.error());
      if (auto heard = listen(); !heard) return tl::unexpected(heard.error());
    }
    return steady_clock::now() - began;
  }

 private:
  /// Starts clients until so many as may wait do.
  Result<void> fill() {
    while (started_ < plan_.clients.size() && started_ - answered_ < plan_.at_once) {
      if (auto started = start(started_); !started) return started;
      ++started_;
    }
    return {};
  }

  Result<void> start(std::size_t client) {
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd.is_open()) return broken(std::strerror(errno));
    cut_when_closed(fd.get());
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as sockets want it.
    const auto* generic = reinterpret_cast<const sockaddr*>(&address_);
    // Does not wait for the broker: the system takes the connection into its queue.
    if (::connect(fd.get(), generic, sizeof address_) != 0) return broken(std::strerror(errno));
    const std::string packet = mqtt::connect_packet(plan_.clients[client]);
    const auto sent = ::send(fd.get(), packet.data(), packet.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(packet.size())) return broken("a packet was not taken whole");
    epoll_event event{.events = EPOLLIN, .data = {.u64 = client}};
    ::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd.get(), &event);
    sockets_[client] = std::move(fd);
    return {};
  }

  Result<void> listen() {
    std::array<epoll_event, 256> events;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const int count = ::epoll_wait(poll_.get(), events.data(), events.size(), patience_ms);
    if (count <= 0) return broken("the broker does not answer");
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count))) {
      if (auto taken = take_answer(event.data.u64); !taken) return taken;
    }
    return {};
  }

  Result<void> take_answer(std::size_t client) {
    const int fd = sockets_[client].get();
    std::array<char, connack_size> answer{};
    const auto got = ::recv(fd, answer.data(), answer.size(), 0);
    const bool is_connack = got == static_cast<ssize_t>(answer.size()) && answer[0] == '\x20';
    if (!is_connack) return broken("a connection was closed");
    if (answer[3] != 0) {
      return broken(fmt::format("client {} is refused", plan_.clients[client].client_id));
    }
    ::epoll_ctl(poll_.get(), EPOLL_CTL_DEL, fd, nullptr);
    ++answered_;
    return {};
  }

  const StormPlan& plan_;
  sockaddr_in address_{};
  UniqueFd poll_;
  std::vector<UniqueFd> sockets_;  // Of each client.
  std::size_t started_ = 0;
  std::size_t answered_ = 0;
};

}  // namespace

Result<std::chrono::nanoseconds> run_storm(const StormPlan& plan) { return Storm(plan).run(); }

}  // namespace muster::bench
