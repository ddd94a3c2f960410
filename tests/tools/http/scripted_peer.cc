#include "tests/tools/http/scripted_peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "core/base/assert.h"

namespace muster::test {

ScriptedPeer::ScriptedPeer(std::vector<std::string> script)
    : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the calls are made.
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  MUSTER_ASSERT(::bind(listener_, generic, size) == 0, "any free port can be had");
  MUSTER_ASSERT(::listen(listener_, 8) == 0, "a bound socket listens");
  MUSTER_ASSERT(::getsockname(listener_, generic, &size) == 0, "a bound socket has a name");
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this, steps = std::move(script)] { play(steps); });
}

ScriptedPeer::~ScriptedPeer() {
  ::shutdown(listener_, SHUT_RDWR);  // Ends a wait for a connection.
  thread_.join();
  ::close(listener_);
}

void ScriptedPeer::play(const std::vector<std::string>& script) {
  int connection = -1;
  for (const auto& text : script) {
    if (connection < 0) {
      pollfd ready{listener_, POLLIN, 0};
      if (::poll(&ready, 1, 2000) <= 0) return;
      connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
    }
    if (!read_head(connection)) break;
    ++requests_;
    (void)::send(connection, text.data(), text.size(), MSG_NOSIGNAL);
    if (text.empty()) ::close(std::exchange(connection, -1));
  }
  if (connection >= 0) ::close(connection);
}

bool ScriptedPeer::read_head(int connection) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    char byte = 0;
    pollfd ready{connection, POLLIN, 0};
    if (::poll(&ready, 1, 2000) <= 0 || ::recv(connection, &byte, 1, 0) != 1) return false;
    head.push_back(byte);
  }
  return true;
}

}  // namespace muster::test
