#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tools/muster/support/session.h"

namespace muster::cli {

/// The command that was chosen, filled in while a command line is parsed.
struct Invocation {
  bool json = false;
  ChangeOptions change;
  std::function<Outcome(Session&)> run;
};

/// How a command introduces itself in its help.
struct Leaf {
  std::string name;
  std::string description;
  std::string example;  // Without the word `muster`; lines are separated by line feeds.
};

/// Declares a command that has commands of its own.
CLI::App& add_group(CLI::App& parent, const std::string& name, const std::string& description);

/// Declares a command with no options but its help.
CLI::App& add_command(CLI::App& parent, const Leaf& leaf);

/// Declares a command that only looks. It has --json.
CLI::App& add_read(CLI::App& parent, Invocation& invocation, const Leaf& leaf);

/// Declares a command that changes something. It has --json and the options of every change.
CLI::App& add_change(CLI::App& parent, Invocation& invocation, const Leaf& leaf);

/// Adds --expect-count, for a change that concerns several devices.
void add_expect_count(CLI::App& command, Invocation& invocation);

/// For `check`: digits only. CLI11 itself takes `-1` for a large and `010` for another number.
std::string whole_number(const std::string& text);

/// The options of a command, kept as long as it may run.
template <typename Options>
using Kept = std::shared_ptr<Options>;

/// Says what `command` does when it is chosen.
template <typename Options>
void runs(CLI::App& command, Invocation& invocation, Kept<Options> options,
          Outcome (*run)(Session&, const Options&)) {
  command.callback([&invocation, options = std::move(options), run] {
    invocation.run = [options, run](Session& session) { return run(session, *options); };
  });
}

/// Says what a `command` without options of its own does.
void runs(CLI::App& command, Invocation& invocation, Outcome (*run)(Session&));

}  // namespace muster::cli
