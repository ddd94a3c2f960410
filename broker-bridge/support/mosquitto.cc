#include "broker-bridge/support/mosquitto.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string_view>
#include <system_error>

namespace muster {
namespace {

constexpr std::string_view name = "mosquitto";
constexpr std::string_view debian_path = "/usr/sbin/mosquitto";  // Not in every user's PATH.

bool is_program(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

std::filesystem::path in_path() {
  const char* variable = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody sets it.
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const std::size_t end = folders.find(':');
    const std::filesystem::path candidate = std::filesystem::path(folders.substr(0, end)) / name;
    if (candidate.is_absolute() && is_program(candidate)) {
      return candidate;
    }
    folders = end == std::string_view::npos ? "" : folders.substr(end + 1);
  }
  return {};
}

bool is_loopback(const std::string& host) {
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    constexpr std::uint32_t loopback_net = 127;
    return ntohl(v4.s_addr) >> 24U == loopback_net;
  }
  in6_addr v6{};
  if (::inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6);
  }
  return host == "localhost";
}

bool has_control_character(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < ' ') {
      return true;
    }
  }
  return false;
}

tl::unexpected<Error> folder_error(const std::filesystem::path& path, const std::error_code& why) {
  return fail(ErrorCode::failed,
              fmt::format("cannot use {} for the embedded broker: {}; name a folder that this "
                          "user owns",
                          path.string(), why.message()));
}

// Limits: device-sized messages, and enough queue for one reader of all retained targets.
// `log_type information` stays off: it adds lines per connection and nothing we wait for.
constexpr std::string_view fixed_part = R"(per_listener_settings false
log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp false
allow_anonymous true
allow_zero_length_clientid false
max_inflight_messages 100
max_queued_messages 200000
max_queued_bytes 67108864
max_packet_size 20000
max_keepalive 600
persistent_client_expiration 14d
set_tcp_nodelay true
)";

}  // namespace

Result<std::filesystem::path> find_mosquitto(const std::filesystem::path& wanted) {
  if (!wanted.empty()) {
    if (is_program(wanted)) {
      return wanted;
    }
    return fail(ErrorCode::failed, fmt::format("{} is not a program that can be run; the embedded "
                                               "broker needs mosquitto: apt install mosquitto",
                                               wanted.string()));
  }
  if (auto found = in_path(); !found.empty()) {
    return found;
  }
  if (is_program(debian_path)) {
    return std::filesystem::path(debian_path);
  }
  return fail(ErrorCode::failed,
              fmt::format("the embedded broker needs mosquitto, which is neither in PATH nor at "
                          "{}: apt install mosquitto",
                          debian_path));
}

Result<void> check(const EmbeddedBrokerOptions& options) {
  if (!is_loopback(options.host)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("the embedded broker cannot listen on {}: it does not authenticate "
                            "its clients, so it listens on this machine only; use 127.0.0.1",
                            options.host));
  }
  if (options.run_folder.empty() || has_control_character(options.run_folder.string())) {
    return fail(ErrorCode::invalid_input,
                "the embedded broker needs a run folder whose name is not empty and has no "
                "control characters");
  }
  return {};
}

std::string mosquitto_configuration(const EmbeddedBrokerOptions& options) {
  std::string text(fixed_part);
  if (::geteuid() == 0) {
    // If it changed its user, the kernel would clear the parent-death signal we set for it.
    text += "user root\n";
  }
  if (options.persistence) {
    text += fmt::format("persistence true\npersistence_location {}/\nautosave_interval 30\n",
                        options.run_folder.string());
  } else {
    text += "persistence false\n";
  }
  text += fmt::format("listener {} {}\n", options.port, options.host);
  return text;
}

Result<std::filesystem::path> write_configuration(const EmbeddedBrokerOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(options.run_folder, error);
  if (error) {
    return folder_error(options.run_folder, error);
  }
  fs::permissions(options.run_folder, fs::perms::owner_all, fs::perm_options::replace, error);
  if (error) {
    return folder_error(options.run_folder, error);
  }
  fs::path path = options.run_folder / "mosquitto.conf";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << mosquitto_configuration(options);
  file.close();
  if (!file) {
    return folder_error(path, std::make_error_code(std::errc::io_error));
  }
  return path;
}

}  // namespace muster
