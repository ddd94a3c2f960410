#pragma once

#include <filesystem>
#include <string>

#include "broker-bridge/embedded_broker.h"
#include "core/base/error.h"

namespace muster {

/// The program to run: `wanted`, or if that is empty the one in PATH or /usr/sbin.
/// Errors: failed (there is none; says what to install).
[[nodiscard]] Result<std::filesystem::path> find_mosquitto(const std::filesystem::path& wanted);

/// Refuses what this broker must not be started with: a host other than loopback, a run folder
/// that its configuration cannot name. Errors: invalid_input.
[[nodiscard]] Result<void> check(const EmbeddedBrokerOptions& options);

/// The text of mosquitto.conf.
[[nodiscard]] std::string mosquitto_configuration(const EmbeddedBrokerOptions& options);

/// Makes the run folder (mode 0700) and writes the configuration; returns its path.
/// Errors: failed.
[[nodiscard]] Result<std::filesystem::path> write_configuration(
    const EmbeddedBrokerOptions& options);

}  // namespace muster
