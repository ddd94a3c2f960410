#include "tools/muster/commands/lifecycle/switches.h"

#include <fmt/format.h>

#include "core/base/clock.h"
#include "core/domain/filter/filter.h"

namespace muster::cli {

CliResult<bool> switch_of(std::string_view word) {
  if (word == "on") return true;
  if (word == "off") return false;
  return wrong_usage(fmt::format("'{}' is neither on nor off", word), "Say on or off.");
}

void add_support_options(CLI::App& command, SupportOptions& options) {
  auto* until = command.add_option("--until", options.until, "Until when, in UTC (RFC 3339)")
                    ->option_text("TIME");
  auto* duration =
      command
          .add_option("--for", options.duration, "For how long from now on, e.g. 45m, 12h or 3d")
          ->option_text("T")
          ->excludes(until);
  command.add_flag("--revoke", options.revoke, "End the access now")
      ->excludes(until)
      ->excludes(duration);
}

CliResult<std::optional<std::string>> support_end(const SupportOptions& options) {
  if (options.revoke) return std::nullopt;
  if (options.until) return options.until;
  if (!options.duration) {
    return wrong_usage("it does not say until when",
                       "Give --until TIME or --for T, or --revoke to end the access.");
  }
  const auto duration = parse_duration(*options.duration);
  if (!duration) {
    return wrong_usage(fmt::format("'{}' is no duration", *options.duration),
                       "It is written like 45m, 12h or 3d.");
  }
  return to_rfc3339(SystemClock().now() + *duration);
}

}  // namespace muster::cli
