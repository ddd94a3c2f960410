#include "broker-bridge/embedded_broker.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <future>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <thread>
#include <utility>

#include "broker-bridge/support/broker_process.h"
#include "broker-bridge/support/mosquitto.h"
#include "core/base/log.h"

namespace muster {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds ready_within = 10s;
constexpr milliseconds stop_within = 5s;
constexpr milliseconds pause_min = 100ms;
constexpr milliseconds pause_max = 5s;
constexpr auto healthy_after = 30s;  // Having lived that long, it starts with a short pause.
constexpr auto hopeless_within = 1s;

/// Mosquitto ends so when it cannot use its port, its configuration or a plugin.
bool is_refusal(int exit_code) { return exit_code == 1 || exit_code == 3 || exit_code == 13; }

}  // namespace

/// Runs the broker again and again on a thread of its own.
class EmbeddedBroker::Supervisor {
 public:
  struct Launch {
    std::filesystem::path binary;
    std::filesystem::path configuration;
    EmbeddedBrokerOptions options;
    BrokerLogin login;
  };

  Supervisor(Launch launch, std::function<void()> on_ready_again)
      : launch_(std::move(launch)),
        on_ready_again_(std::move(on_ready_again)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        thread_([this](const std::stop_token& stop) { run(stop); }) {}

  [[nodiscard]] Result<void> wait_for_first_start() { return first_start_.get_future().get(); }
  [[nodiscard]] std::uint16_t port() const noexcept { return launch_.options.port; }
  [[nodiscard]] const BrokerLogin& login() const noexcept { return launch_.login; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] int restarts() const noexcept { return restarts_; }
  [[nodiscard]] std::optional<Error> failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

 private:
  void run(const std::stop_token& stop);
  Result<void> run_once(const std::stop_token& stop);
  void watch(BrokerProcess& process, const std::stop_token& stop);
  void announce_ready();
  void give_up(Error error);
  void sleep(milliseconds pause);
  [[nodiscard]] Error ended_badly(const BrokerProcess& process) const;

  Launch launch_;
  std::function<void()> on_ready_again_;
  std::promise<Result<void>> first_start_;
  std::atomic<pid_t> pid_{0};
  std::atomic<int> restarts_{0};
  bool was_ready_ = false;  // Only the thread's.
  mutable std::mutex mutex_;
  std::optional<Error> failure_;  // Guarded by mutex_.
  UniqueFd wake_;
  std::jthread thread_;  // Last: ends before what it uses does.
};

void EmbeddedBroker::Supervisor::run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { ::eventfd_write(wake_.get(), 1); });
  milliseconds pause = pause_min;
  while (!stop.stop_requested()) {
    const auto started = steady_clock::now();
    if (auto ran = run_once(stop); !ran) {
      give_up(ran.error());
      return;
    }
    if (stop.stop_requested()) {
      return;
    }
    pause = steady_clock::now() - started > healthy_after ? pause_min : pause;
    sleep(pause);
    pause = std::min(pause * 2, pause_max);
  }
}

/// Returns when the broker ended; an error if starting it again cannot help.
Result<void> EmbeddedBroker::Supervisor::run_once(const std::stop_token& stop) {
  const auto started = steady_clock::now();
  auto process = BrokerProcess::spawn(launch_.binary, launch_.configuration);
  if (!process) {
    log_error("embedded broker not started: {}", process.error().message);
    return was_ready_ ? Result<void>{} : tl::unexpected(process.error());
  }
  pid_ = (*process)->pid();
  watch(**process, stop);
  pid_ = 0;
  if (stop.stop_requested()) {
    return {};
  }
  const auto code = (*process)->exit_code();
  const bool is_hopeless =
      code && is_refusal(*code) && steady_clock::now() - started < hopeless_within;
  if (!was_ready_ || is_hopeless) {
    return tl::unexpected(ended_badly(**process));
  }
  log_warn("embedded broker ended, starting it again: {}", (*process)->last_words());
  return {};
}

/// Until it ends, is told to, or is not ready in time (then it is stopped).
void EmbeddedBroker::Supervisor::watch(BrokerProcess& process, const std::stop_token& stop) {
  constexpr milliseconds no_limit{-1};
  const auto deadline = steady_clock::now() + ready_within;
  bool is_announced = false;
  while (process.is_running()) {
    const auto now = steady_clock::now();
    if (stop.stop_requested() || (!is_announced && now >= deadline)) {
      process.stop(stop_within);
      return;
    }
    process.wait(wake_.get(),
                 is_announced ? no_limit : std::chrono::ceil<milliseconds>(deadline - now));
    if (!is_announced && process.is_ready() && process.is_running()) {
      is_announced = true;
      announce_ready();
    }
  }
}

void EmbeddedBroker::Supervisor::announce_ready() {
  log_info("embedded broker ready: address={}:{} pid={}", launch_.options.host,
           launch_.options.port, pid_.load());
  if (!std::exchange(was_ready_, true)) {
    first_start_.set_value({});
    return;
  }
  ++restarts_;
  if (on_ready_again_) {
    on_ready_again_();
  }
}

void EmbeddedBroker::Supervisor::give_up(Error error) {
  if (!was_ready_) {
    first_start_.set_value(tl::unexpected(std::move(error)));
    return;
  }
  log_error("embedded broker given up: {}", error.message);
  const std::lock_guard lock(mutex_);
  failure_ = std::move(error);
}

void EmbeddedBroker::Supervisor::sleep(milliseconds pause) {
  pollfd woken{wake_.get(), POLLIN, 0};
  ::poll(&woken, 1, static_cast<int>(pause.count()));
}

Error EmbeddedBroker::Supervisor::ended_badly(const BrokerProcess& process) const {
  const std::string words = process.last_words();
  if (words.find("Address already in use") != std::string::npos) {
    return {ErrorCode::in_use,
            fmt::format("the embedded broker cannot listen on {}:{}: the port is taken; stop what "
                        "listens there or choose another port ({})",
                        launch_.options.host, launch_.options.port, words)};
  }
  return {ErrorCode::failed,
          fmt::format("the embedded broker ({}) does not run: {}", launch_.binary.string(), words)};
}

Result<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::start(
    EmbeddedBrokerOptions options, std::function<void()> on_ready_again) {
  if (auto checked = check(options); !checked) {
    return tl::unexpected(checked.error());
  }
  auto binary = find_mosquitto(options.binary);
  if (!binary) {
    return tl::unexpected(binary.error());
  }
  if (options.port == 0) {
    const auto port = free_loopback_port();
    if (!port) {
      return tl::unexpected(port.error());
    }
    options.port = *port;
  }
  auto plugin = find_plugin(options.plugin);
  if (!plugin) return tl::unexpected(plugin.error());
  options.plugin = std::move(*plugin);
  BrokerLogin login = fresh_login();
  auto configuration = write_configuration(options, login);
  if (!configuration) {
    return tl::unexpected(configuration.error());
  }
  auto supervisor =
      std::make_unique<Supervisor>(Supervisor::Launch{std::move(*binary), std::move(*configuration),
                                                      std::move(options), std::move(login)},
                                   std::move(on_ready_again));
  if (auto started = supervisor->wait_for_first_start(); !started) {
    return tl::unexpected(started.error());
  }
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(std::move(supervisor)));
}

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Supervisor> supervisor)
    : supervisor_(std::move(supervisor)) {}

EmbeddedBroker::~EmbeddedBroker() = default;

std::uint16_t EmbeddedBroker::port() const noexcept { return supervisor_->port(); }
const BrokerLogin& EmbeddedBroker::login() const noexcept { return supervisor_->login(); }
pid_t EmbeddedBroker::pid() const noexcept { return supervisor_->pid(); }
int EmbeddedBroker::restarts() const noexcept { return supervisor_->restarts(); }
std::optional<Error> EmbeddedBroker::failure() const { return supervisor_->failure(); }

Result<std::uint16_t> free_loopback_port() {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // NOLINTBEGIN(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface wants it.
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return fail(ErrorCode::failed, fmt::format("no free port on 127.0.0.1: {}",
                                               std::generic_category().message(errno)));
  }
  // NOLINTEND(cppcoreguidelines-pro-type-reinterpret-cast)
  return ntohs(address.sin_port);
}

}  // namespace muster
