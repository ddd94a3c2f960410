#include "tools/muster/commands/actions/wait.h"

#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>
#include <thread>

#include "tools/muster/apply/progress_bar.h"
#include "tools/muster/output/text.h"
#include "tools/muster/support/paths.h"

namespace muster::cli {
namespace {

constexpr std::chrono::milliseconds look_again{300};

ProgressState progress_of(const Json& roll_up) {
  const auto counts = roll_up.value("counts", Json::object());
  const auto count = [&](std::string_view state) { return count_at(counts, state); };
  const auto total = count_at(roll_up, "devices");
  return {.done = total - std::min(total, count_at(roll_up, "open")),
          .total = total,
          .failed = count("failed") + count("rejected") + count("expired")};
}

/// The same roll-up until nothing of it is open, or the time is up.
CliResult<Json> watch(Session& session, const std::string& path, std::chrono::seconds longest) {
  const auto start = ProgressBar::Clock::now();
  ProgressBar bar(session.around().err, session.around().terminal, start);
  while (true) {
    auto roll_up = session.get(path);
    const auto now = ProgressBar::Clock::now();
    if (!roll_up || flag_at(*roll_up, "over") || now - start >= longest) {
      bar.clear();
      return roll_up;
    }
    bar.update(progress_of(*roll_up), now);
    std::this_thread::sleep_for(look_again);
  }
}

}  // namespace

std::optional<std::chrono::seconds> parse_span(std::string_view text) {
  std::uint32_t count = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc{} || read.ptr + 1 != end) return std::nullopt;
  switch (*read.ptr) {
    case 's':
      return std::chrono::seconds{count};
    case 'm':
      return std::chrono::minutes{count};
    case 'h':
      return std::chrono::hours{count};
    case 'd':
      return std::chrono::hours{24} * count;
    default:
      return std::nullopt;
  }
}

std::string roll_up_text(const Json& roll_up) {
  const auto progress = progress_of(roll_up);
  std::string text =
      fmt::format("{} of {} over", progress.done, count_text(progress.total, "device", "devices"));
  std::string_view joint = ": ";
  const Json counts = roll_up.value("counts", Json::object());
  for (const auto& [state, count] : counts.items()) {
    if (!count.is_number_unsigned() || count.get<std::uint64_t>() == 0) continue;
    text += fmt::format("{}{} {}", joint, count.get<std::uint64_t>(), printable(state));
    joint = ", ";
  }
  return text;
}

Outcome wait_for(Session& session, const std::string& id, const WaitOptions& options) {
  const auto longest = parse_span(options.longest);
  if (!longest) {
    return wrong_usage(fmt::format("'{}' is no time to wait", options.longest),
                       "Give a number with s, m, h or d, such as 90s or 15m.");
  }
  const auto roll_up = watch(session, item_path("actions", id), *longest);
  if (!roll_up) return tl::unexpected(roll_up.error());
  if (session.json()) {
    session.print_json(*roll_up);
  } else {
    session.print(roll_up_text(*roll_up) + "\n");
  }
  const bool good = flag_at(*roll_up, "over") && progress_of(*roll_up).failed == 0;
  return ended_with(good ? 0 : 1);
}

}  // namespace muster::cli
