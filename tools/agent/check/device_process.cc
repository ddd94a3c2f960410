#include "tools/agent/check/device_process.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

namespace muster::agent {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds patience{5};
constexpr std::chrono::milliseconds look_again_after{10};
constexpr int cannot_run = 127;

/// In the child; does not return. After a fork only system calls are allowed.
[[noreturn]] void become(const char* const* arguments, char* const* environment, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(cannot_run);
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  std::signal(SIGPIPE, SIG_DFL);
  ::dup2(STDERR_FILENO, STDOUT_FILENO);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): as execve wants it; it changes nothing.
  ::execve(arguments[0], const_cast<char* const*>(arguments), environment);
  ::_exit(cannot_run);
}

}  // namespace

Result<DeviceProcess> DeviceProcess::start(const std::string& command,
                                           const std::vector<std::string>& environment) {
  const std::vector<const char*> arguments{"/bin/sh", "-c", command.c_str(), nullptr};
  std::vector<std::string> ours = environment;
  std::vector<char*> variables;
  for (char** each = ::environ; *each != nullptr; ++each) variables.push_back(*each);
  for (std::string& each : ours) variables.push_back(each.data());
  variables.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(ErrorCode::failed, fmt::format("cannot start a shell: {}", std::strerror(errno)));
  }
  if (pid == 0) become(arguments.data(), variables.data(), parent);
  ::setpgid(pid, pid);  // Whichever of the two is first.
  return DeviceProcess(pid);
}

DeviceProcess::~DeviceProcess() {
  if (pid_ < 0) return;
  ::kill(-pid_, SIGTERM);
  const auto deadline = steady_clock::now() + patience;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0 && steady_clock::now() < deadline) {
    std::this_thread::sleep_for(look_again_after);
  }
  ::kill(-pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace muster::agent
