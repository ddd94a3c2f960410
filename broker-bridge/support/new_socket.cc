#include "broker-bridge/support/new_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace muster {
namespace {

std::optional<std::uint16_t> peer_port(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface wants it.
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) {
    return std::nullopt;
  }
  if (peer.ss_family == AF_INET) {
    sockaddr_in address{};
    std::memcpy(&address, &peer, sizeof address);
    return ntohs(address.sin_port);
  }
  if (peer.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &peer, sizeof address);
    return ntohs(address.sin6_port);
  }
  return std::nullopt;
}

/// What the descriptor is, e.g. `socket:[12345]`. Its number may be used again, this not.
std::string identity(int fd) {
  std::error_code gone;
  return std::filesystem::read_symlink(fmt::format("/proc/self/fd/{}", fd), gone).string();
}

/// The descriptors of this process's connections to `port`, by identity.
std::map<std::string, int> connections_to(std::uint16_t port) {
  std::map<std::string, int> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    if (fd >= 0 && peer_port(fd) == port) {
      found.emplace(identity(fd), fd);
    }
  }
  return found;
}

}  // namespace

NewSocket::NewSocket(std::uint16_t port) : port_(port), before_(connections_to(port)) {}

UniqueFd NewSocket::find() const {
  std::optional<std::pair<std::string, int>> found;
  for (const auto& connection : connections_to(port_)) {
    if (before_.contains(connection.first)) {
      continue;
    }
    if (found) {
      return {};
    }
    found = connection;
  }
  if (!found) {
    return {};
  }
  UniqueFd copy(::fcntl(found->second, F_DUPFD_CLOEXEC, 0));
  // The library may have closed it in between, and somebody else got the number.
  return identity(copy.get()) == found->first ? std::move(copy) : UniqueFd{};
}

}  // namespace muster
