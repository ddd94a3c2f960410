#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace muster::test {

/// A server that does not think: for each step of its script it reads one request head and sends
/// the text. An empty text, or one that ends the script, closes the connection; the next step
/// waits for a new one, for two seconds at most.
class ScriptedPeer {
 public:
  explicit ScriptedPeer(std::vector<std::string> script);
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;
  ~ScriptedPeer();

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// How many requests have come.
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void play(const std::vector<std::string>& script);
  bool read_head(int connection);

  int listener_;
  std::uint16_t port_ = 0;
  std::atomic<int> requests_ = 0;
  std::jthread thread_;
};

}  // namespace muster::test
