#include "tools/server/api/history/history_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/server/api/history/event_line.h"
#include "tools/server/api/past/moment.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t looked_at_max = 20'000;  // For one page, also where few fit.

HttpResult<std::vector<std::string>> read_kinds(const std::string& text) {
  std::vector<std::string> kinds;
  std::size_t start = 0;
  while (start <= text.size()) {
    const auto end = std::min(text.find(',', start), text.size());
    kinds.push_back(text.substr(start, end - start));
    start = end + 1;
    if (is_event_type(kinds.back())) continue;
    return tl::unexpected(invalid_parameter_problem(
        "kind", "types of events such as DevicePinned, with commas between several"));
  }
  return kinds;
}

HttpResult<UserId> read_actor(const Query& query, const std::string& name) {
  if (name == "muster") return UserId{};
  const auto user = query.reader.find_user(name);
  if (user) return user->id;
  return tl::unexpected(unknown_problem(RejectionCode::unknown_user, fmt::format("user {}", name),
                                        "`muster` stands for Muster itself"));
}

/// The places of the events of one page, and where the next one begins.
struct Places {
  std::vector<Sequence> sequences;
  std::optional<Sequence> next;
};

class Collector {
 public:
  Collector(const HistoryQuery& wanted, HistorySight& sight, FleetId shown)
      : wanted_(wanted), sight_(sight), shown_(shown) {}

  Places collect(HistoryWalk walk) {
    Places places;
    Sequence last;
    for (std::size_t looked_at = 0; auto entry = walk.next(); ++looked_at) {
      if (places.sequences.size() == wanted_.limit || looked_at == looked_at_max) {
        places.next = last;
        break;
      }
      last = entry->sequence;
      if (fits(*entry)) places.sequences.push_back(entry->sequence);
    }
    return places;
  }

 private:
  [[nodiscard]] bool fits(const HistoryEntry& entry) {
    if (wanted_.actor && entry.actor != *wanted_.actor) return false;
    const auto& kinds = wanted_.kinds;
    const bool wanted = kinds.empty() || std::ranges::find(kinds, entry.kind) != kinds.end();
    return wanted && sight_.sees(entry, shown_);
  }

  const HistoryQuery& wanted_;
  HistorySight& sight_;
  const FleetId shown_;
};

}  // namespace

HttpResult<HistoryQuery> HistoryQuery::of(const Query& query) {
  HistoryQuery wanted;
  const auto limit = page_limit(query);
  if (!limit) return tl::unexpected(limit.error());
  wanted.limit = *limit;
  if (const std::string* order = query.request.parameter("order")) {
    if (*order != "asc" && *order != "desc") {
      return tl::unexpected(invalid_parameter_problem("order", "asc or desc"));
    }
    if (*order == "asc") wanted.order = HistoryOrder::oldest_first;
  }
  if (const std::string* after = query.request.parameter("after")) {
    const auto sequence = parse_decimal(*after);
    if (!sequence || *sequence == 0) {
      return tl::unexpected(
          invalid_parameter_problem("after", "the `next` of a page, or a sequence"));
    }
    const bool back = wanted.order == HistoryOrder::newest_first;
    wanted.from = Sequence{back ? *sequence - 1 : *sequence + 1};
    if (back && *sequence == 1) wanted.limit = 0;  // Nothing is older than the first.
  }
  if (const std::string* kind = query.request.parameter("kind")) {
    auto kinds = read_kinds(*kind);
    if (!kinds) return tl::unexpected(kinds.error());
    wanted.kinds = *std::move(kinds);
  }
  if (const std::string* actor = query.request.parameter("actor")) {
    const auto user = read_actor(query, *actor);
    if (!user) return tl::unexpected(user.error());
    wanted.actor = *user;
  }
  return wanted;
}

HttpResult<HttpResponse> history_page(const Query& query, const std::vector<Stream>& streams,
                                      FleetId shown) {
  const auto wanted = HistoryQuery::of(query);
  if (!wanted) return tl::unexpected(wanted.error());
  HistorySight sight(query.reader, query.caller, query.sight);
  const HistoryReader history(query.reader.snapshot());
  Places places = wanted->limit == 0
                      ? Places{}
                      : Collector(*wanted, sight, shown)
                            .collect(HistoryWalk(history, streams, wanted->order, wanted->from));
  const bool back = wanted->order == HistoryOrder::newest_first;
  if (back) std::ranges::reverse(places.sequences);
  auto events = events_of(query).at(places.sequences);
  if (!events) return tl::unexpected(unreadable_problem(events.error()));
  if (back) std::ranges::reverse(*events);
  Names names(query.reader);
  Json items = Json::array();
  for (const Recorded& recorded : *events) items.push_back(event_line(recorded, names, sight));
  return entity_response(
      Json{{"items", std::move(items)},
           {"next", places.next ? Json(fmt::format("{}", places.next->value())) : Json(nullptr)},
           {"position", query.reader.position().value()}});
}

}  // namespace muster
