#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"

namespace muster::agent {

/// One service of a release that is a command to run (docs/agent.md).
struct ServiceSpec {
  std::string name;
  std::vector<std::string> command;  // Never empty.
  std::map<std::string, std::string> environment;
  std::vector<std::string> volumes;

  friend bool operator==(const ServiceSpec&, const ServiceSpec&) = default;
};

/// The services in a release's manifest that have a `command`; others are not the agent's.
/// Errors: invalid_input, naming the service and the rule.
Result<std::vector<ServiceSpec>> parse_services(std::string_view manifest);

/// All that makes the service what it is, as one line.
std::string describe(const ServiceSpec& service);

}  // namespace muster::agent
