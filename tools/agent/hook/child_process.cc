#include "tools/agent/hook/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

namespace muster::agent {
namespace {

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::failed, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  Pipe made{UniqueFd(ends[0]), UniqueFd(ends[1])};
  ::fcntl(made.read_end.get(), F_SETFL, O_NONBLOCK);
  return made;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): exec promises not to write.
  for (const auto& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, "MUSTER_", 7) != 0) result.emplace_back(*entry);
  }
  return result;
}

/// What posix_spawn is told, freed at the end of the scope.
class SpawnPlan {
 public:
  SpawnPlan(int output, int complaints) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, complaints, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP}) sigaddset(&usual, signal);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  int spawn(pid_t& pid, std::vector<char*> arguments, std::vector<char*> environment) {
    return ::posix_spawn(&pid, arguments[0], &actions_, &attributes_, arguments.data(),
                         environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                         const std::vector<std::string>& extra) {
  auto output = make_pipe();
  if (!output) return tl::unexpected(output.error());
  auto complaints = make_pipe();
  if (!complaints) return tl::unexpected(complaints.error());
  auto environment = own_environment();
  environment.insert(environment.end(), extra.begin(), extra.end());
  SpawnPlan plan(output->write_end.get(), complaints->write_end.get());
  ChildProcess child;
  const int error = plan.spawn(child.pid_, pointers(arguments), pointers(environment));
  if (error != 0) {
    return fail(ErrorCode::failed,
                fmt::format("cannot run {}: {}", arguments[0], std::strerror(error)));
  }
  child.has_ended_ = false;
  child.output_ = std::move(output->read_end);
  child.complaints_ = std::move(complaints->read_end);
  return child;
}

void ChildProcess::wait(std::chrono::milliseconds time_max) const {
  // Not until the pipes close: a service that the program leaves behind may hold them for ever.
  std::array<pollfd, 2> ends{{{output_.get(), POLLIN, 0}, {complaints_.get(), POLLIN, 0}}};
  ::poll(ends.data(), ends.size(), static_cast<int>(time_max.count()));
  constexpr std::chrono::milliseconds breath(5);
  if (((ends[0].revents | ends[1].revents) & POLLHUP) != 0) std::this_thread::sleep_for(breath);
}

bool ChildProcess::has_ended() {
  if (has_ended_) return true;
  const auto reaped = ::waitpid(pid_, &status_, WNOHANG);
  if (reaped < 0 && errno == ECHILD) status_ = W_EXITCODE(1, 0);  // Somebody else took it.
  has_ended_ = reaped > 0 || (reaped < 0 && errno != EINTR);
  return has_ended_;
}

bool ChildProcess::is_group_alive() { return !has_ended() || ::kill(-pid_, 0) == 0; }

void ChildProcess::signal_group(int signal) const { ::kill(-pid_, signal); }

}  // namespace muster::agent
