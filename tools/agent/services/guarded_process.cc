#include "tools/agent/services/guarded_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace muster::agent {
namespace {

constexpr int cannot_run = 127;
constexpr int by_signal = 128;

// The guard's own files, in these places.
constexpr int life_fd = 3;
constexpr int output_fd = 4;
constexpr int lock_fd = 5;
constexpr int clear_of_those = 10;

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::failed, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// The C library's own declaration of it (2.36) does not link from C++.
int open_pidfd(pid_t pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

/// All that the children need, made before the fork: after it, in a program with threads, only
/// async-signal-safe calls are allowed.
struct Children {
  std::vector<char*> arguments;
  std::vector<char*> environment;
  const char* folder = nullptr;
  int life = -1;
  int output = -1;
  int lock = -1;
  pid_t our_group = 0;
};

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): exec promises not to write.
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

void complain(const char* what) {
  const char* const why = ::strerrordesc_np(errno);
  for (const char* part : {"cannot run ", what, ": ", why, "\n"}) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, part, std::strlen(part));
  }
}

[[noreturn]] void become_service(const Children& children, pid_t guard) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != guard) ::_exit(cannot_run);
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) std::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  if (::chdir(children.folder) != 0) {
    complain(children.folder);
    ::_exit(cannot_run);
  }
  ::execvpe(children.arguments[0], children.arguments.data(), children.environment.data());
  complain(children.arguments[0]);
  ::_exit(cannot_run);
}

/// Keeps of our files only those it needs; the service gets the first three.
void take_files(const Children& children) {
  const int life = ::fcntl(children.life, F_DUPFD, clear_of_those);
  const int output = ::fcntl(children.output, F_DUPFD, clear_of_those);
  const int lock = children.lock < 0 ? -1 : ::fcntl(children.lock, F_DUPFD, clear_of_those);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::dup2(life, life_fd);
  ::dup2(output, output_fd);
  if (lock >= 0) ::dup2(lock, lock_fd);
  ::close_range(static_cast<unsigned>(lock >= 0 ? lock_fd : output_fd) + 1, ~0U, 0);
}

/// Waits for the end of the service's process, or of ours.
void watch(pid_t service) {
  const int pidfd = open_pidfd(service);
  std::array<pollfd, 2> ends{{{life_fd, POLLIN, 0}, {pidfd, POLLIN, 0}}};
  while (pidfd >= 0 && ::poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {
  }
}

/// All signals stay blocked in the guard: those to the group are for the service.
[[noreturn]] void become_guard(const Children& children) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_NAME, "muster-guard");
  take_files(children);
  const pid_t self = ::getpid();
  const pid_t service = ::fork();
  if (service == 0) become_service(children, self);
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO, output_fd}) ::close(fd);
  if (service < 0) ::_exit(cannot_run);
  sigset_t pending;
  ::sigpending(&pending);
  if (::sigismember(&pending, SIGTERM) == 1) ::kill(service, SIGTERM);  // It came too early.
  watch(service);
  ::setpgid(0, children.our_group);  // Not to be hit by what follows.
  ::kill(-self, SIGKILL);
  int status = 0;
  while (::waitpid(service, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status));
}

}  // namespace

Result<GuardedProcess> GuardedProcess::start(const ProcessPlan& plan) {
  auto output = make_pipe();
  if (!output) return tl::unexpected(output.error());
  auto life = make_pipe();
  if (!life) return tl::unexpected(life.error());
  ::fcntl(output->read_end.get(), F_SETFL, O_NONBLOCK);
  const auto folder = plan.folder.string();
  const Children children{.arguments = pointers(plan.command),
                          .environment = pointers(plan.environment),
                          .folder = folder.c_str(),
                          .life = life->read_end.get(),
                          .output = output->write_end.get(),
                          .lock = plan.lock,
                          .our_group = ::getpgrp()};
  GuardedProcess process;
  sigset_t all;
  sigset_t ours;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &ours);  // Our handlers are none for the children.
  process.pid_ = ::fork();
  if (process.pid_ == 0) become_guard(children);
  ::pthread_sigmask(SIG_SETMASK, &ours, nullptr);
  if (process.pid_ < 0) {
    return fail(ErrorCode::failed, fmt::format("cannot fork: {}", std::strerror(errno)));
  }
  ::setpgid(process.pid_, process.pid_);  // Whichever of the two is first.
  process.end_ = UniqueFd(open_pidfd(process.pid_));
  process.output_ = std::move(output->read_end);
  process.life_ = std::move(life->write_end);
  return process;
}

bool GuardedProcess::has_ended() {
  if (has_ended_) return true;
  int status = 0;
  const auto reaped = ::waitpid(pid_, &status, WNOHANG);
  if (reaped == 0 || (reaped < 0 && errno == EINTR)) return false;
  has_ended_ = true;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : by_signal + WTERMSIG(status);
  ::kill(-pid_, SIGKILL);  // Should somebody have killed the guard alone.
  return true;
}

void GuardedProcess::ask_to_end() const { ::kill(-pid_, SIGTERM); }

}  // namespace muster::agent
