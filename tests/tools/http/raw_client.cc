#include "tests/tools/http/raw_client.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

#include "core/base/assert.h"

namespace muster::test {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

RawClient::RawClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): how the call is made.
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  MUSTER_ASSERT(::connect(socket_, generic, sizeof address) == 0, "the server must listen");
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      ended_(other.ended_),
      received_(std::move(other.received_)) {}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::receive(milliseconds patience) {
  pollfd ready{socket_, POLLIN, 0};
  if (ended_ || ::poll(&ready, 1, static_cast<int>(patience.count())) <= 0) return false;
  std::array<char, 16384> part{};
  const auto size = ::recv(socket_, part.data(), part.size(), 0);
  ended_ = size <= 0;
  if (size > 0) received_.append(part.data(), static_cast<std::size_t>(size));
  return size > 0;
}

std::string RawClient::read_to_end(milliseconds patience) {
  const auto deadline = Clock::now() + patience;
  while (!ended_ && Clock::now() < deadline) receive(milliseconds(100));
  return std::exchange(received_, {});
}

std::string RawClient::read_until(std::string_view end) {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (Clock::now() < deadline) {
    const auto found = received_.find(end);
    if (found != std::string::npos) {
      auto text = received_.substr(0, found + end.size());
      received_.erase(0, text.size());
      return text;
    }
    if (ended_) break;
    receive(milliseconds(100));
  }
  return std::exchange(received_, {});
}

std::string RawClient::read_answer(bool head_only) {
  const auto deadline = Clock::now() + std::chrono::seconds(10);
  while (Clock::now() < deadline) {
    const auto head_end = received_.find("\r\n\r\n");
    if (head_end != std::string::npos) {
      std::size_t length = 0;
      const auto field = received_.find("Content-Length: ");
      if (!head_only && field < head_end) {
        std::from_chars(received_.data() + field + 16, received_.data() + head_end, length);
      }
      const auto total = head_end + 4 + length;
      if (received_.size() >= total) {
        auto answer = received_.substr(0, total);
        received_.erase(0, total);
        return answer;
      }
    }
    if (ended_) return {};
    receive(milliseconds(100));
  }
  return {};
}

bool RawClient::closed_within(milliseconds patience) {
  read_to_end(patience);
  return ended_;
}

}  // namespace muster::test
