#include "tools/mqtt/connection.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace muster::mqtt {
namespace {

constexpr std::size_t read_bytes = 16'384;

tl::unexpected<Error> broken(std::string_view why) {
  return fail(ErrorCode::unavailable, fmt::format("no connection to the broker: {}", why));
}

bool would_wait(int code) {
  return code == EAGAIN || code == EWOULDBLOCK || code == EINTR || code == EINPROGRESS ||
         code == ENOTCONN;
}

}  // namespace

Result<Connection> Connection::open(const Address& broker) {
  UniqueFd opened(::socket(broker.bytes.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!opened.is_open()) return broken(std::strerror(errno));
  const int on = 1;
  ::setsockopt(opened.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const int begun = ::connect(opened.get(), broker.generic(), broker.size);
  if (begun != 0 && errno != EINPROGRESS) return broken(std::strerror(errno));
  return Connection(std::move(opened));
}

Result<void> Connection::send(std::string_view bytes) {
  unsent_.append(bytes);
  return flush();
}

Result<void> Connection::flush() {
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return broken(std::strerror(error));
  while (!unsent_.empty()) {
    const auto sent = ::send(socket_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
    if (sent < 0 && would_wait(errno)) return {};
    if (sent < 0) return broken(std::strerror(errno));
    unsent_.erase(0, static_cast<std::size_t>(sent));
  }
  return {};
}

Result<void> Connection::receive(const Sink& sink) {
  std::array<char, read_bytes> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  const auto got = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
  if (got == 0) return broken("it was closed");
  if (got < 0 && would_wait(errno)) return {};
  if (got < 0) return broken(std::strerror(errno));
  incoming_.append({buffer.data(), static_cast<std::size_t>(got)});
  for (;;) {
    const auto packet = incoming_.next();
    if (!packet) return tl::unexpected(packet.error());
    if (!*packet) return {};
    if (auto taken = sink(**packet); !taken) return taken;
  }
}

}  // namespace muster::mqtt
