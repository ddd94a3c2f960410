#include "tools/muster/commands/audit/event_export.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

/// Passes whole lines on, and remembers the last event among them.
class Lines {
 public:
  explicit Lines(const Surroundings& around) : around_(around) {}

  void take(std::string_view part) {
    pending_.append(part);
    const auto end = pending_.rfind('\n');
    if (end == std::string::npos) return;
    const std::string whole = pending_.substr(0, end + 1);
    pending_.erase(0, end + 1);
    if (whole.find_first_not_of('\n') == std::string::npos) return;  // It is still there: no news.
    remember(whole);
    around_.out(whole);
    std::fflush(stdout);  // Whoever reads them waits for them.
  }

  /// The sequence of the last event that was passed on; empty if there was none.
  [[nodiscard]] const std::string& last() const { return last_; }

 private:
  void remember(std::string_view lines) {
    const auto end = lines.find_last_not_of('\n');
    const auto begin = lines.rfind('\n', end);
    const auto line = lines.substr(begin == std::string_view::npos ? 0 : begin + 1);
    const auto event = Json::parse(line, nullptr, false);
    if (event.is_object() && has(event, "id")) last_ = text_at(event, "id");
  }

  const Surroundings& around_;
  std::string pending_;
  std::string last_;
};

std::string path_of(const EventExportOptions& options) {
  auto path = fmt::format("/v1/events?follow={}", options.follow);
  if (!options.after.empty()) path += fmt::format("&after={}", options.after);
  if (!options.limit.empty()) path += fmt::format("&limit={}", options.limit);
  return path;
}

}  // namespace

Outcome export_events(Session& session, const EventExportOptions& options) {
  Lines lines(session.around());
  const auto answer = session.converse(
      path_of(options), {}, {.source = nullptr, .sink = [&lines](auto part) { lines.take(part); }});
  if (answer) return {};
  if (!lines.last().empty()) {
    session.around().err(fmt::format("the events up to {} are whole; go on with --after {}\n",
                                     lines.last(), lines.last()));
  }
  return tl::unexpected(answer.error());
}

}  // namespace muster::cli
