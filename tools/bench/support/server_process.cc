#include "tools/bench/support/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/support/unique_fd.h"

namespace muster::bench {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds ready_timeout{120'000};
constexpr milliseconds stop_timeout{10'000};
constexpr milliseconds look_again_after{10};
constexpr std::size_t last_words_max = 600;
constexpr int cannot_run = 127;

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string read_line(const fs::path& path) {
  const std::string text = read_file(path);
  return text.substr(0, text.find('\n'));
}

/// What the child needs, made before it exists: after a fork of a program with threads it may
/// only make system calls.
struct Launch {
  std::vector<std::string> arguments;
  std::vector<char*> pointers;
  UniqueFd log;
  UniqueFd read_end;
  UniqueFd write_end;
};

Result<Launch> prepare(const fs::path& program, const fs::path& folder, const std::string& mqtt) {
  Launch launch;
  launch.arguments = {program,       "serve",  "--data", folder / "data", "--http",
                      "127.0.0.1:0", "--mqtt", mqtt,     "--log-level",   "warn"};
  if (mqtt == "embedded") {
    launch.arguments.insert(launch.arguments.end(), {"--mqtt-listen", "127.0.0.1:0"});
  }
  for (std::string& argument : launch.arguments) launch.pointers.push_back(argument.data());
  launch.pointers.push_back(nullptr);
  launch.log =
      UniqueFd(::open((folder / "server.log").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  std::array<int, 2> ends{};
  if (!launch.log.is_open() || ::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return fail(ErrorCode::failed, fmt::format("cannot start a server: {}", std::strerror(errno)));
  }
  launch.read_end = UniqueFd(ends[0]);
  launch.write_end = UniqueFd(ends[1]);
  return launch;
}

/// In the child; does not return.
[[noreturn]] void become_server(const Launch& launch, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(cannot_run);
  ::setpgid(0, 0);  // So that Ctrl-C is ours to hear, and its end is orderly.
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(launch.write_end.get(), STDOUT_FILENO);
  ::dup2(launch.log.get(), STDERR_FILENO);
  ::execv(launch.pointers[0], launch.pointers.data());
  ::_exit(cannot_run);
}

/// The first line that starts with `ready `; nullopt if the child ends or says nothing in time.
std::optional<std::string> await_ready(const UniqueFd& output) {
  constexpr std::string_view ready = "ready ";
  std::string said;
  const auto deadline = steady_clock::now() + ready_timeout;
  while (steady_clock::now() < deadline) {
    pollfd readable{output.get(), POLLIN, 0};
    if (::poll(&readable, 1, static_cast<int>(look_again_after.count())) <= 0) continue;
    std::array<char, 4096> buffer{};
    const auto got = ::read(output.get(), buffer.data(), buffer.size());
    if (got <= 0) return std::nullopt;
    said.append(buffer.data(), static_cast<std::size_t>(got));
    const auto start = said.starts_with(ready) ? 0 : said.find(fmt::format("\n{}", ready));
    if (start == std::string::npos) continue;
    const auto line = start == 0 ? 0 : start + 1;
    const auto end = said.find('\n', line);
    if (end != std::string::npos) return said.substr(line, end - line);
  }
  return std::nullopt;
}

/// The value of `key=value` in `line`.
std::string_view word_of(std::string_view line, std::string_view key) {
  const auto start = line.find(key);
  if (start == std::string_view::npos) return {};
  const auto rest = line.substr(start + key.size());
  return rest.substr(0, rest.find(' '));
}

}  // namespace

Result<ServerProcess> ServerProcess::start(const fs::path& program, const fs::path& folder,
                                           const std::string& mqtt) {
  auto launch = prepare(program, folder, mqtt);
  if (!launch) return tl::unexpected(launch.error());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) {
    return fail(ErrorCode::failed, fmt::format("cannot start a server: {}", std::strerror(errno)));
  }
  if (pid == 0) become_server(*launch, parent);
  ServerProcess server(pid);
  launch->write_end.reset();
  const auto line = await_ready(launch->read_end);
  if (!line) {
    std::string words = read_file(folder / "server.log");
    if (words.size() > last_words_max) words.erase(0, words.size() - last_words_max);
    return fail(ErrorCode::failed, fmt::format("{} serve does not serve; its log ends with: {}",
                                               program.string(), words));
  }
  if (auto read = server.read_ready_line(*line); !read) return tl::unexpected(read.error());
  server.token_ = read_line(folder / "data" / "admin.token");
  server.bridge_ = {.username = std::string(bridge_username),
                    .password = read_line(folder / "data" / "broker" / "bridge.secret")};
  return server;
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      http_(std::move(other.http_)),
      mqtt_(std::move(other.mqtt_)),
      token_(std::move(other.token_)),
      bridge_(std::move(other.bridge_)) {}

ServerProcess::~ServerProcess() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGTERM);
  const auto deadline = steady_clock::now() + stop_timeout;
  while (::waitpid(pid_, nullptr, WNOHANG) == 0) {
    if (steady_clock::now() > deadline) ::kill(pid_, SIGKILL);
    std::this_thread::sleep_for(look_again_after);
  }
}

void ServerProcess::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::uint64_t ServerProcess::resident_bytes() const {
  constexpr std::string_view label = "VmRSS:";
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  std::string word;
  std::uint64_t kibibytes = 0;
  while (status >> word) {
    if (word == label && status >> kibibytes) return kibibytes * 1024;
  }
  return 0;
}

Result<void> ServerProcess::read_ready_line(const std::string& line) {
  const auto http = parse_host_port(word_of(line, "http="));
  if (!http) return tl::unexpected(http.error());
  const auto mqtt = parse_host_port(word_of(line, "mqtt="));
  if (!mqtt) return tl::unexpected(mqtt.error());
  http_ = *http;
  mqtt_ = *mqtt;
  return {};
}

}  // namespace muster::bench
