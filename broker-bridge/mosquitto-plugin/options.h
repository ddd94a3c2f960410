#pragma once

#include <sys/types.h>

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/base/uuid.h"

namespace muster {

/// What the broker's configuration says to the plugin, as `plugin_opt_<name> <value>`.
struct PluginOptions {
  Uuid log;                             // `log`: whose tokens are good.
  std::filesystem::path device_keys;    // `device_keys_file`: one or two public keys, PEM.
  std::filesystem::path bridge_secret;  // `bridge_secret_file`: the bridge's password.
  pid_t parent = 0;                     // `parent_pid`: end when it does; 0: do not care.
};

struct PluginOption {
  std::string_view name;
  std::string_view value;
};

/// Errors: invalid_input (missing, unknown, no such value), naming the option.
[[nodiscard]] Result<PluginOptions> read_plugin_options(std::span<const PluginOption> given);

/// The text in a file of the plugin, at most 16 KiB. Errors: failed, naming the file.
[[nodiscard]] Result<std::string> read_plugin_file(const std::filesystem::path& file);

/// The bridge's secret in `text`: its first line. Errors: invalid_input if it is shorter than 16
/// characters.
[[nodiscard]] Result<std::string> bridge_secret_in(std::string_view text);

}  // namespace muster
