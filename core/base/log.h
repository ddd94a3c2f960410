#pragma once

#include <fmt/format.h>

#include <string_view>

namespace muster {

enum class Severity { debug, info, warn, error };

/// Writes one line to the program's log (stderr). The sink and the level are set in `main` by
/// `configure_logging`; before that, info and above go to stderr.
///
/// A line is a short fixed phrase, then `key=value` pairs: `device registered: device=… seq=…`.
void write_log(Severity severity, std::string_view line);

/// Sets the lowest severity that is written. Call once, before other threads start.
void configure_logging(Severity lowest);

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  write_log(Severity::debug, fmt::format(format, std::forward<Args>(args)...));
}

/// A change of state that an operator may want to see.
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  write_log(Severity::info, fmt::format(format, std::forward<Args>(args)...));
}

/// Something went wrong and we recovered.
template <typename... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  write_log(Severity::warn, fmt::format(format, std::forward<Args>(args)...));
}

/// An operator must act.
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  write_log(Severity::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace muster
