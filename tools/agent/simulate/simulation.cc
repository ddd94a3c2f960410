#include "tools/agent/simulate/simulation.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>

#include "broker-bridge/support/open_files.h"
#include "broker-bridge/support/unique_fd.h"
#include "tools/agent/simulate/simulated_device.h"

namespace muster::agent {
namespace {

using SteadyClock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// As many as a broker's queue of new connections holds: beyond it the kernel drops and repeats.
constexpr std::size_t connecting_max = 100;
constexpr std::size_t events_max = 1'024;
constexpr std::size_t other_files = 64;
constexpr auto look_for_stop_every = 100ms;
constexpr auto show_every = 1s;

Result<void> check(const SimulationOptions& options) {
  const auto wrong = [](std::string what) {
    return fail(ErrorCode::invalid_input, std::move(what));
  };
  if (options.devices.empty()) return wrong("no device to be: give credentials");
  if (options.devices.size() > simulated_devices_max) {
    return wrong(fmt::format("{} devices: one process plays at most {}; start several",
                             options.devices.size(), simulated_devices_max));
  }
  if (options.failure_rate < 0 || options.failure_rate > 1) {
    return wrong(fmt::format("failure rate {}: from 0 to 1", options.failure_rate));
  }
  if (options.disconnect_rate < 0 || options.crash_rate < 0) {
    return wrong(fmt::format("disconnect rate {}, crash rate {}: from 0", options.disconnect_rate,
                             options.crash_rate));
  }
  return {};
}

class Simulation {
 public:
  Simulation(const SimulationOptions& options, const mqtt::Address& broker)
      : parts_{.options = options,
               .broker = broker,
               .timers = {},
               .to_connect = {},
               .connecting = 0,
               .counts = {.devices = options.devices.size()},
               .ledger = {}},
        watched_(options.devices.size()) {
    for (std::size_t i = 0; i < options.devices.size(); ++i) {
      devices_.emplace_back(i, parts_);
      parts_.to_connect.push_back(i);
    }
  }

  Result<void> open() {
    if (!parts_.options.ledger.empty()) {
      auto ledger = Ledger::open(parts_.options.ledger);
      if (!ledger) return tl::unexpected(ledger.error());
      parts_.ledger = std::move(*ledger);
    }
    poll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
    if (poll_.is_open()) return {};
    return fail(ErrorCode::failed, fmt::format("cannot poll: {}", std::strerror(errno)));
  }

  void run(const std::stop_token& stop) {
    const auto begin = SteadyClock::now();
    const auto& duration = parts_.options.duration;
    while (!stop.stop_requested() && (!duration || SteadyClock::now() < begin + *duration)) {
      connect_some();
      wait();
      for (const auto& due : parts_.timers.take(SteadyClock::now())) {
        devices_[due.device].on_due(due);
        watch(due.device);
      }
      show();
    }
  }

  [[nodiscard]] const SimulationCounts& counts() const noexcept { return parts_.counts; }

 private:
  /// What is asked of the poll about a device's socket.
  struct Watched {
    std::uint64_t connection = 0;
    std::uint32_t events = 0;
  };

  void connect_some() {
    while (parts_.connecting < connecting_max && !parts_.to_connect.empty()) {
      const std::size_t device = parts_.to_connect.front();
      parts_.to_connect.pop_front();
      devices_[device].connect();
      watch(device);
    }
  }

  /// A socket leaves the poll by being closed.
  void watch(std::size_t index) {
    const SimulatedDevice& device = devices_[index];
    if (device.fd() < 0) return;
    Watched& watched = watched_[index];
    const bool is_new = watched.connection != device.connection_number();
    const std::uint32_t events = EPOLLIN | (is_new || device.has_unsent() ? EPOLLOUT : 0U);
    if (!is_new && watched.events == events) return;
    watched = {device.connection_number(), events};
    epoll_event event{.events = events, .data = {.u64 = index}};
    ::epoll_ctl(poll_.get(), is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, device.fd(), &event);
  }

  void wait() {
    const auto now = SteadyClock::now();
    const auto until = parts_.timers.next(now + look_for_stop_every);
    const auto time = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    const int count = ::epoll_wait(poll_.get(), events_.data(), static_cast<int>(events_.size()),
                                   std::max(0, static_cast<int>(time.count())));
    for (int i = 0; i < count; ++i) {
      const auto device = static_cast<std::size_t>(events_[static_cast<std::size_t>(i)].data.u64);
      devices_[device].on_ready();
      watch(device);
    }
  }

  void show() {
    const auto now = SteadyClock::now();
    if (!parts_.options.show || now < next_show_ || parts_.counts == shown_) return;
    next_show_ = now + show_every;
    shown_ = parts_.counts;
    parts_.options.show(shown_);
  }

  SimulationParts parts_;
  std::deque<SimulatedDevice> devices_;
  std::vector<Watched> watched_;
  UniqueFd poll_;
  std::array<epoll_event, events_max> events_{};
  SteadyClock::time_point next_show_;
  SimulationCounts shown_;
};

}  // namespace

Result<SimulationCounts> run_simulation(const SimulationOptions& options,
                                        const std::stop_token& stop) {
  if (auto right = check(options); !right) return tl::unexpected(right.error());
  if (auto allowed = allow_open_files(options.devices.size() + other_files); !allowed) {
    return tl::unexpected(allowed.error());
  }
  const auto broker = mqtt::resolve(options.mqtt_host, options.mqtt_port);
  if (!broker) return tl::unexpected(broker.error());
  Simulation simulation(options, *broker);
  if (auto opened = simulation.open(); !opened) return tl::unexpected(opened.error());
  simulation.run(stop);
  return simulation.counts();
}

}  // namespace muster::agent
