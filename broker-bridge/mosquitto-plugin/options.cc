#include "broker-bridge/mosquitto-plugin/options.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <fstream>
#include <system_error>

namespace muster {
namespace {

constexpr std::size_t file_size_max = 16 * 1024;
constexpr std::size_t secret_size_min = 16;

tl::unexpected<Error> wrong(std::string_view option, std::string_view why) {
  return fail(ErrorCode::invalid_input, fmt::format("plugin_opt_{}: {}", option, why));
}

Result<void> take(const PluginOption& option, PluginOptions& options) {
  const auto& [name, value] = option;
  if (name == "log") {
    const auto log = parse_uuid(value);
    if (!log) return wrong(name, "a log's uuid is 32 hexadecimal digits, lower case");
    options.log = *log;
  } else if (name == "device_keys_file") {
    options.device_keys = value;
  } else if (name == "bridge_secret_file") {
    options.bridge_secret = value;
  } else if (name == "parent_pid") {
    const auto read = std::from_chars(value.data(), value.data() + value.size(), options.parent);
    const bool whole = read.ec == std::errc{} && read.ptr == value.data() + value.size();
    if (!whole || options.parent <= 0) return wrong(name, "a process id is a whole number above 0");
  } else {
    return wrong(name, "there is no such option");
  }
  return {};
}

}  // namespace

Result<PluginOptions> read_plugin_options(std::span<const PluginOption> given) {
  PluginOptions options;
  for (const PluginOption& option : given) {
    if (auto taken = take(option, options); !taken) return tl::unexpected(taken.error());
  }
  if (options.log == Uuid{}) return wrong("log", "is missing");
  if (options.device_keys.empty()) return wrong("device_keys_file", "is missing");
  if (options.bridge_secret.empty()) return wrong("bridge_secret_file", "is missing");
  return options;
}

Result<std::string> read_plugin_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, file_size_max> buffer{};
  in.read(buffer.data(), buffer.size());
  if (in.bad() || !in.eof()) {
    return fail(ErrorCode::failed,
                fmt::format("cannot read {}, or it is larger than 16 KiB; the broker's user must "
                            "be allowed to read it",
                            file.string()));
  }
  return std::string(buffer.data(), static_cast<std::size_t>(in.gcount()));
}

Result<std::string> bridge_secret_in(std::string_view text) {
  const auto line = text.substr(0, text.find('\n'));
  if (line.size() < secret_size_min) {
    return wrong(
        "bridge_secret_file",
        fmt::format("the first line of it must have at least {} characters", secret_size_min));
  }
  return std::string(line);
}

}  // namespace muster
