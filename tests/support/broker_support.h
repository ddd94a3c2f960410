#pragma once

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/credentials/signing_key.h"
#include "broker-bridge/embedded_broker.h"
#include "tests/support/temporary_folder.h"

namespace muster::test {

/// Asks `condition` until it holds; false if it does not within `limit`.
template <typename Condition>
bool comes_true(Condition condition, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

/// A broker for devices whose tokens are signed with `key`, of the log `log`.
inline EmbeddedBrokerOptions broker_options(const std::filesystem::path& run_folder,
                                            const SigningKey& key, const Uuid& log) {
  EmbeddedBrokerOptions options;
  options.run_folder = run_folder;
  options.log = log;
  options.device_keys = key.public_pem();
  return options;
}

/// A broker that lets in nobody but the bridge.
inline EmbeddedBrokerOptions broker_options(const std::filesystem::path& run_folder) {
  return broker_options(run_folder, SigningKey::generate(), random_uuid());
}

/// What the bridge says to have devices let in, when no key was ever replaced.
inline std::string open_gate_request() {
  return render(ControlRequest{.id = 1, .steps = {BeginTable{}, OpenGate{}}});
}

/// True if the process runs: one that ended and was not waited for does not.
inline bool is_running(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(status, text);
  const auto name_end = text.rfind(") ");
  return name_end != std::string::npos && text.at(name_end + 2) != 'Z';
}

}  // namespace muster::test
