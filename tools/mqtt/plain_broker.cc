#include "tools/mqtt/plain_broker.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <string>

#include "broker-bridge/embedded_broker.h"
#include "broker-bridge/support/mosquitto.h"

namespace muster::mqtt {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds ready_timeout{10'000};
constexpr int nothing_else = -1;

// As the embedded broker has it, but for who may connect. Silent: nobody reads what it says.
constexpr std::string_view configuration = R"(per_listener_settings false
log_type none
allow_anonymous true
max_inflight_messages 100
max_queued_messages 200000
max_queued_bytes 67108864
max_packet_size 20000
set_tcp_nodelay true
persistence false
)";

}  // namespace

Result<PlainBroker> PlainBroker::start(const std::filesystem::path& folder) {
  const auto binary = find_mosquitto({});
  if (!binary) return tl::unexpected(binary.error());
  const auto port = free_loopback_port();
  if (!port) return tl::unexpected(port.error());
  const auto file = folder / "mosquitto.conf";
  std::ofstream(file) << configuration << (::geteuid() == 0 ? "user root\n" : "")
                      << fmt::format("listener {} 127.0.0.1\n", *port);
  auto process = BrokerProcess::spawn(*binary, file);
  if (!process) return tl::unexpected(process.error());
  const auto deadline = steady_clock::now() + ready_timeout;
  while (!(*process)->is_ready() && (*process)->is_running() && steady_clock::now() < deadline) {
    (*process)->wait(nothing_else, std::chrono::milliseconds{100});
  }
  if (!(*process)->is_ready()) return fail(ErrorCode::failed, (*process)->last_words());
  return PlainBroker(std::move(*process), *port);
}

}  // namespace muster::mqtt
