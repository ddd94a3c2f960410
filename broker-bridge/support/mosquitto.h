#pragma once

#include <filesystem>
#include <string>

#include "broker-bridge/embedded_broker.h"
#include "core/base/error.h"

namespace muster {

/// The program to run: `wanted`, or if that is empty the one in PATH or /usr/sbin.
/// Errors: failed (there is none; says what to install).
[[nodiscard]] Result<std::filesystem::path> find_mosquitto(const std::filesystem::path& wanted);

/// The broker plugin: `wanted`, or if that is empty the one that was built or installed with this
/// program. Errors: failed.
[[nodiscard]] Result<std::filesystem::path> find_plugin(const std::filesystem::path& wanted);

/// With what the bridge is to connect this time.
[[nodiscard]] BrokerLogin fresh_login();

/// Refuses what this broker must not be started with: what its configuration cannot name, and no
/// keys to check devices with. Errors: invalid_input.
[[nodiscard]] Result<void> check(const EmbeddedBrokerOptions& options);

/// The text of mosquitto.conf.
[[nodiscard]] std::string mosquitto_configuration(const EmbeddedBrokerOptions& options);

/// Makes the run folder (mode 0700) and writes the configuration, the keys and the bridge's
/// password, each readable by us only; returns the path of the first.
/// Errors: failed.
[[nodiscard]] Result<std::filesystem::path> write_configuration(
    const EmbeddedBrokerOptions& options, const BrokerLogin& login);

}  // namespace muster
