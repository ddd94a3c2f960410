#include "broker-bridge/support/new_socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

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

/// The descriptors of this process's connections to `port`, by inode: a descriptor's number may
/// be used again, an inode of an open socket is not.
std::map<ino_t, int> connections_to(std::uint16_t port) {
  std::map<ino_t, int> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error), end;
       !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    int fd = -1;
    std::from_chars(name.data(), name.data() + name.size(), fd);
    struct stat status{};
    if (fd >= 0 && peer_port(fd) == port && ::fstat(fd, &status) == 0) {
      found.emplace(status.st_ino, fd);
    }
  }
  return found;
}

}  // namespace

NewSocket::NewSocket(std::uint16_t port) : port_(port), before_(connections_to(port)) {}

UniqueFd NewSocket::find() const {
  int found = -1;
  for (const auto& [inode, fd] : connections_to(port_)) {
    if (before_.contains(inode)) {
      continue;
    }
    if (found >= 0) {
      return {};
    }
    found = fd;
  }
  return found < 0 ? UniqueFd{} : UniqueFd(::fcntl(found, F_DUPFD_CLOEXEC, 0));
}

}  // namespace muster
