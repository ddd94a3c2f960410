#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

namespace muster::cli {

/// What `device list` may be told of the devices wanted. The short options are turned into the
/// filter language, so that there is one meaning for all.
struct FilterOptions {
  std::string filter;
  std::string view;
  std::string fleet;
  std::string type;
  std::string name;
  std::vector<std::string> tags;  // KEY or KEY=VALUE
  std::string pinned_to;
  std::string target;
  std::string running;
  std::optional<std::string> stuck;  // Empty: for as long as the language says.
  bool pinned = false;
  bool tracking = false;
  bool online = false;
  bool offline = false;
};

/// Adds --filter and --view to `command`.
void add_selection(CLI::App& command, std::string& filter, std::string& view);

/// Adds all of them to `command`.
void add_filters(CLI::App& command, FilterOptions& options);

/// The filter that all of them but the view and the fleet make up together; empty: none.
std::string filter_of(const FilterOptions& options);

}  // namespace muster::cli
