#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/muster/declare.h"

namespace muster::cli {

/// How a command line says which devices are meant: UUID, or one of the other ways in its place.
struct DeviceChoice {
  std::string uuids;  // Joined by commas.
  std::string devices_file;
  std::string filter;
  std::string view;
  std::string word;  // What stands behind UUID, for commands that take one more word.
};

/// Whom a command is about: named ones, or those that the server selects.
struct ChosenDevices {
  std::vector<std::string> devices;
  bool selected = false;
};

/// Adds UUID and the ways in its place to `command`.
void add_choice(CLI::App& command, Invocation& invocation, DeviceChoice& choice);

/// Failures: wrong usage: `words` is what the command takes, with one more word or none.
CliResult<ChosenDevices> choose(const Session& session, const DeviceChoice& choice,
                                std::string_view words);

/// The word behind UUID: without UUID it is the first one. Call after `choose`.
std::string_view word_of(const DeviceChoice& choice);

/// `device 4f1c2d3` or `3 devices`.
std::string whom(const ChosenDevices& chosen);

/// The same, of those only that the command changed.
std::string who_changed(const Json& answer, const ChosenDevices& chosen);

/// Sends the command: one device has a path of its own; for a list, even an empty one, the server
/// knows the rules.
CliResult<Json> send_about(Session& session, const DeviceChoice& choice,
                           const ChosenDevices& chosen, std::string_view step, JsonBody body);

}  // namespace muster::cli
