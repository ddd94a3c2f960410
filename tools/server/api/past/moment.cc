#include "tools/server/api/past/moment.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/log.h"
#include "projections/history/history_reader.h"
#include "tools/server/api/problems.h"

namespace muster {
namespace {

/// Times are shown in milliseconds: what was shown stands for all of its millisecond.
Timestamp end_of(Timestamp time) {
  using std::chrono::milliseconds;
  const bool whole = std::chrono::floor<milliseconds>(time) == time;
  return whole ? time + milliseconds{1} - std::chrono::microseconds{1} : time;
}

/// The event that a user names, or the last one by that time; nullopt for no such text.
std::optional<Sequence> named(const Query& query, const std::string& text) {
  if (const auto number = parse_decimal(text)) return Sequence{*number};
  const auto time = parse_rfc3339(text);
  if (!time) return std::nullopt;
  return HistoryReader(query.reader.snapshot()).last_at(end_of(*time));
}

}  // namespace

HttpResult<Moment> moment_of(const Query& query, const std::string& name) {
  const std::string* given = query.request.parameter(name);
  const auto wanted = given == nullptr ? std::nullopt : named(query, *given);
  const auto refused = [&name] {
    return tl::unexpected(invalid_parameter_problem(
        name, "a sequence, or a time like 2026-11-21T08:30:00Z, from the first event on"));
  };
  if (!wanted || *wanted == Sequence{}) return refused();
  const auto events = events_of(query);
  const Sequence place = std::min(*wanted, query.reader.position());
  const auto found = events.at(place);
  if (!found) return tl::unexpected(unreadable_problem(found.error()));
  const EventMeta& meta = found->meta;
  if (meta.index + 1 == meta.count) return Moment{.sequence = place, .at = meta.at};
  const Sequence before{place.value() - meta.index - 1};
  if (before == Sequence{}) return refused();
  const auto ended = events.at(before);
  if (!ended) return tl::unexpected(unreadable_problem(ended.error()));
  return Moment{.sequence = before, .at = ended->meta.at};
}

nlohmann::ordered_json render(const Moment& moment) {
  return {{"sequence", moment.sequence.value()}, {"at", to_rfc3339(moment.at)}};
}

EventFetch events_of(const Query& query) { return {query.parts.log, query.parts.codec}; }

Problem unreadable_problem(const Error& error) {
  log_error("the log could not be read: error={}", error.message);
  return to_problem(error);
}

}  // namespace muster
