#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

namespace muster::cli {

/// Everything a command line reaches of the process it runs in.
struct Surroundings {
  std::function<void(std::string_view)> out;
  std::function<void(std::string_view)> err;
  std::istream& in;

  /// An environment variable; nullopt if it is not set or empty.
  std::function<std::optional<std::string>(const std::string& name)> variable;

  bool terminal = false;  // What `err` writes is seen on a terminal.
};

}  // namespace muster::cli
