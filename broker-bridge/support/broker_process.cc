#include "broker-bridge/support/broker_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <system_error>

#include "core/base/log.h"
#include "core/base/uuid.h"

namespace muster {
namespace {

constexpr std::size_t kept_lines_max = 20;
constexpr int exec_failed = 127;
constexpr std::chrono::milliseconds term_every{200};

tl::unexpected<Error> system_error(std::string_view what) {
  return fail(ErrorCode::failed, fmt::format("cannot start the embedded broker: {}: {}", what,
                                             std::generic_category().message(errno)));
}

/// The C library's own declaration of it (2.36) does not link from C++.
int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

void log_line(std::string_view line) {
  // Run as root it says so each time; its configuration makes it, see mosquitto.cc.
  const bool is_warning = line.find("Warning: ") != std::string_view::npos &&
                          line.find("should not be run as root") == std::string_view::npos;
  if (is_warning || line.find("Error") != std::string_view::npos) {
    log_warn("mosquitto: {}", line);
  } else {
    log_debug("mosquitto: {}", line);
  }
}

/// A datagram socket with the abstract name `name`. Abstract, because one in the file system
/// could not be written to by a broker that runs as another user.
UniqueFd abstract_socket(std::string_view name) {
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(static_cast<char*>(address.sun_path) + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the socket interface wants it.
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0) {
    fd.reset();
  }
  return fd;
}

/// All that the child needs, made before the fork: after it, in a program with threads, only
/// async-signal-safe calls are allowed.
struct Child {
  std::string binary;
  std::string configuration;
  std::string notify;
  int output = -1;
  pid_t parent = 0;
};

[[noreturn]] void become_broker(Child& child) {
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);  // We may have blocked the SIGTERM it needs.
  ::setpgid(0, 0);                             // Ctrl-C is for us: we end it in our order.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // A SIGTERM may be lost, see stop(); it keeps nothing.
  if (::getppid() != child.parent) {
    ::_exit(exec_failed);  // The parent ended before the signal was armed.
  }
  ::dup2(child.output, STDOUT_FILENO);
  ::dup2(child.output, STDERR_FILENO);
  ::close(STDIN_FILENO);
  ::open("/dev/null", O_RDONLY);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  std::array<char, 3> option{'-', 'c', '\0'};
  const std::array<char*, 4> arguments{child.binary.data(), option.data(),
                                       child.configuration.data(), nullptr};
  const std::array<char*, 2> environment{child.notify.data(), nullptr};
  ::execve(child.binary.c_str(), arguments.data(), environment.data());
  constexpr std::string_view message = "Error: this program cannot be run\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
  ::_exit(exec_failed);
}

}  // namespace

BrokerProcess::BrokerProcess() : tail_(kept_lines_max, log_line) {}

Result<std::unique_ptr<BrokerProcess>> BrokerProcess::spawn(
    const std::filesystem::path& binary, const std::filesystem::path& configuration) {
  std::unique_ptr<BrokerProcess> process(new BrokerProcess());
  if (auto started = process->fork_and_exec(binary, configuration); !started) {
    return tl::unexpected(started.error());
  }
  return process;
}

Result<void> BrokerProcess::fork_and_exec(const std::filesystem::path& binary,
                                          const std::filesystem::path& configuration) {
  const std::string name = fmt::format("muster-broker-{}", to_string(random_uuid()));
  notify_ = abstract_socket(name);
  if (!notify_.is_open()) {
    return system_error("a socket for its readiness");
  }
  // Both ends do not block: the broker must not stop, should nobody read for a moment.
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return system_error("a pipe for its log");
  }
  log_ = UniqueFd(ends[0]);
  const UniqueFd output(ends[1]);
  Child child{binary.string(), configuration.string(), fmt::format("NOTIFY_SOCKET=@{}", name),
              output.get(), ::getpid()};
  pid_ = ::fork();
  if (pid_ == 0) {
    become_broker(child);
  }
  if (pid_ < 0) {
    has_ended_ = true;
    return system_error("fork");
  }
  pidfd_ = UniqueFd(open_pidfd(pid_));
  if (!pidfd_.is_open()) {
    return system_error("pidfd_open");
  }
  return {};
}

BrokerProcess::~BrokerProcess() {
  if (!has_ended_ && pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void BrokerProcess::wait(int wake_fd, std::chrono::milliseconds timeout) {
  std::array<pollfd, 4> fds{pollfd{pidfd_.get(), POLLIN, 0}, pollfd{log_.get(), POLLIN, 0},
                            pollfd{notify_.get(), POLLIN, 0}, pollfd{wake_fd, POLLIN, 0}};
  if (::poll(fds.data(), fds.size(), static_cast<int>(timeout.count())) <= 0) {
    return;
  }
  read_notification();
  drain_log();
  if (fds[0].revents != 0) {
    reap();
  }
}

void BrokerProcess::drain_log() {
  std::array<char, 4096> buffer{};
  while (log_.is_open()) {
    const ssize_t size = ::read(log_.get(), buffer.data(), buffer.size());
    if (size > 0) {
      tail_.append({buffer.data(), static_cast<std::size_t>(size)});
    } else if (size == 0) {
      log_.reset();  // Closed by the broker: polling it further would only spin.
    } else if (errno != EINTR) {
      return;
    }
  }
}

void BrokerProcess::read_notification() {
  std::array<char, 512> buffer{};
  const ssize_t size = ::recv(notify_.get(), buffer.data(), buffer.size(), 0);
  if (size > 0) {
    const std::string_view message(buffer.data(), static_cast<std::size_t>(size));
    is_ready_ = is_ready_ || message.find("READY=1") != std::string_view::npos;
  }
}

void BrokerProcess::reap() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == 0) {
    return;
  }
  has_ended_ = true;
  drain_log();
  if (WIFEXITED(status)) {
    exit_code_ = WEXITSTATUS(status);
  } else {
    signal_ = WTERMSIG(status);
  }
}

void BrokerProcess::stop(std::chrono::milliseconds patience) {
  using std::chrono::steady_clock;
  constexpr int no_fd = -1;
  const auto deadline = steady_clock::now() + patience;
  while (is_running() && steady_clock::now() < deadline) {
    // Again and again: mosquitto forgets one that comes right after it said that it is ready.
    ::kill(pid_, SIGTERM);
    wait(no_fd, term_every);
  }
  if (is_running()) {
    log_warn("mosquitto did not stop in time: killed pid={}", pid_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    has_ended_ = true;
  }
}

std::string BrokerProcess::last_words() const {
  const std::string how =
      exit_code_ ? fmt::format("exit code {}", *exit_code_) : fmt::format("signal {}", signal_);
  const std::string lines = tail_.text();
  return fmt::format("{}, its last lines: {}", how, lines.empty() ? "none" : lines);
}

}  // namespace muster
