#include "core/base/clock.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <array>
#include <cstdio>

namespace muster {

using std::chrono::duration_cast;
using std::chrono::microseconds;

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Timestamp at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<microseconds> time{at - day};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     duration_cast<std::chrono::milliseconds>(time.subseconds()).count());
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  const auto refuse = [&] {
    return fail(ErrorCode::invalid_input,
                fmt::format("`{}` is not a time like 2026-11-21T08:30:00Z", text));
  };
  const std::string owned(text);
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  int used = 0;
  // NOLINTNEXTLINE(cert-err34-c): the count of fields and the ranges are checked below.
  if (std::sscanf(owned.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%n", &year, &month, &day, &hours, &minutes,
                  &seconds, &used) != 6) {
    return refuse();
  }
  std::string_view rest = text.substr(static_cast<std::size_t>(used));
  microseconds fraction{0};
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    int unit = 100'000;
    std::size_t digits = 0;
    for (; digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9'; ++digits) {
      fraction += microseconds{(rest[digits] - '0') * unit};
      unit /= 10;
    }
    if (digits == 0 || digits > 6) return refuse();
    rest.remove_prefix(digits);
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month},
                                         std::chrono::day{day}};
  const bool in_range = date.ok() && hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 &&
                        seconds >= 0 && seconds < 60;
  if (rest != "Z" || used != 19 || !in_range) return refuse();
  return Timestamp{std::chrono::sys_days{date} + std::chrono::hours{hours} +
                   std::chrono::minutes{minutes} + std::chrono::seconds{seconds} + fraction};
}

}  // namespace muster
