#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace muster::test {

/// A TCP connection to 127.0.0.1 for sending what no proper client sends.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port);
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  RawClient(RawClient&& other) noexcept;
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient();

  /// False if the peer closed before everything was taken.
  bool send(std::string_view bytes);

  /// Everything up to the end of the connection (or `patience`, which a test then sees missing).
  std::string read_to_end(std::chrono::milliseconds patience = std::chrono::seconds(10));

  /// What comes up to and with `end`. What came instead, if that does not come in 10 s.
  std::string read_until(std::string_view end);

  /// One answer: head and, by its Content-Length, body. Empty if the connection ended first.
  std::string read_answer(bool head_only = false);

  /// True if the peer closed within `patience`. What comes before that is thrown away.
  bool closed_within(std::chrono::milliseconds patience);

 private:
  bool receive(std::chrono::milliseconds patience);

  int socket_;
  bool ended_ = false;
  std::string received_;
};

}  // namespace muster::test
