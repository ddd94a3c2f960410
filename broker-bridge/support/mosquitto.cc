#include "broker-bridge/support/mosquitto.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/credentials/token_verifier.h"
#include "broker-bridge/support/unique_fd.h"
#include "core/base/hex.h"
#include "core/base/random.h"

namespace muster {
namespace {

namespace fs = std::filesystem;

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

/// Names and addresses only: it goes into a line of the configuration.
bool is_host(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
  };
  return !text.empty() && std::ranges::all_of(text, fits);
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

fs::path keys_file(const EmbeddedBrokerOptions& options) {
  return options.run_folder / "device-keys.pem";
}

fs::path secret_file(const EmbeddedBrokerOptions& options) {
  return options.run_folder / "bridge.secret";
}

/// Writes a new file that only its owner may read. A link in its place is not followed.
Result<void> write_private(const fs::path& path, std::string_view text) {
  std::error_code error;
  fs::remove(path, error);
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  const auto written = ::write(file.get(), text.data(), text.size());
  if (written == static_cast<ssize_t>(text.size())) return {};
  return folder_error(path, std::error_code(errno, std::generic_category()));
}

// Limits: device-sized messages, and enough queue for one reader of all retained targets.
// `log_type information` stays off: it adds lines per connection and nothing we wait for.
constexpr std::string_view fixed_part = R"(per_listener_settings false
log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp false
connection_messages false
allow_anonymous false
allow_zero_length_clientid false
max_inflight_messages 200
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

Result<std::filesystem::path> find_plugin(const std::filesystem::path& wanted) {
  std::error_code error;
  std::filesystem::path plugin = wanted;
  if (plugin.empty()) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    plugin = program.parent_path().parent_path() / "lib" / "muster" / "muster_mosquitto.so";
  }
  if (!error && std::filesystem::is_regular_file(plugin, error)) return plugin;
  return fail(ErrorCode::failed,
              fmt::format("the embedded broker needs Muster's plugin, which is not at {}; it is "
                          "built and installed with this program",
                          plugin.string()));
}

BrokerLogin fresh_login() {
  std::array<std::uint8_t, 32> secret{};
  fill_random(secret);
  return {.username = std::string(bridge_username), .password = to_hex(secret)};
}

Result<void> check(const EmbeddedBrokerOptions& options) {
  if (!is_host(options.host)) {
    return fail(
        ErrorCode::invalid_input,
        fmt::format("the embedded broker cannot listen on `{}`: that is no address", options.host));
  }
  if (const auto keys = TokenVerifier::from_pem(options.device_keys); !keys) {
    return fail(ErrorCode::invalid_input,
                fmt::format("the embedded broker needs the keys of devices' tokens: {}",
                            keys.error().message));
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
  text += fmt::format("plugin {}\n", options.plugin.string());
  text += fmt::format("plugin_opt_log {}\n", to_string(options.log));
  text += fmt::format("plugin_opt_device_keys_file {}\n", keys_file(options).string());
  text += fmt::format("plugin_opt_bridge_secret_file {}\n", secret_file(options).string());
  text += fmt::format("plugin_opt_parent_pid {}\n", ::getpid());
  text += fmt::format("listener {} {}\n", options.port, options.host);
  return text;
}

Result<std::filesystem::path> write_configuration(const EmbeddedBrokerOptions& options,
                                                  const BrokerLogin& login) {
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
  const std::array files{std::pair(path, mosquitto_configuration(options)),
                         std::pair(keys_file(options), options.device_keys),
                         std::pair(secret_file(options), login.password + "\n")};
  for (const auto& [file, text] : files) {
    if (auto written = write_private(file, text); !written) return tl::unexpected(written.error());
  }
  return path;
}

}  // namespace muster
