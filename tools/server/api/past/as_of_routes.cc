#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/domain/lifecycle/lives.h"
#include "projections/history/replay.h"
#include "tools/server/api/api.h"
#include "tools/server/api/history/history_sight.h"
#include "tools/server/api/past/moment.h"
#include "tools/server/api/past/past_crew.h"
#include "tools/server/api/past/past_render.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

// What was at some moment: of a device, of a fleet, of everything that the caller sees.

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t devices_max = 10'000;  // On one page.

/// It may also have been where the caller sees nothing: that must look the same.
Problem not_there_then(RejectionCode code, const std::string& entity, const Moment& moment) {
  Problem problem = unknown_problem(code, entity, "`muster history` shows when it came");
  problem.detail =
      fmt::format("{}: there was none at sequence {}", entity, moment.sequence.value());
  return problem;
}

HttpResult<HttpResponse> device_as_of(const Query& query) {
  HistorySight sight(query.reader, query.caller, query.sight);
  const auto device = sight.device(query.match.at("device"));
  if (!device) return tl::unexpected(device.error());
  const auto moment = moment_of(query, "at");
  if (!moment) return tl::unexpected(moment.error());
  const EventFetch events = events_of(query);
  Replay replay(query.reader.snapshot(), events, moment->sequence);
  if (const auto done = replay.device(device->id); !done) {
    return tl::unexpected(unreadable_problem(done.error()));
  }
  const Device* row = replay.rows().find(device->id);
  const FleetId shown = sight.shown_with(*device);
  if (row == nullptr || (row->fleet != shown && !sight.sees(row->fleet))) {
    return tl::unexpected(not_there_then(
        RejectionCode::unknown_device, fmt::format("device {}", to_string(device->uuid)), *moment));
  }
  return entity_response(
      Json{{"moment", render(*moment)}, {"device", render(replay.rows(), *row, moment->at)}});
}

/// One page of devices, in the order of their ids.
class DevicePage {
 public:
  /// From `limit` and `after`. Problems: 400 `invalid-field`.
  static HttpResult<DevicePage> of(const Query& query) {
    const auto number = [&query](std::string_view name, std::uint64_t otherwise) {
      const std::string* given = query.request.parameter(name);
      return given == nullptr ? std::optional(otherwise) : parse_decimal(*given);
    };
    const auto limit = number("limit", devices_max);
    const auto after = number("after", 0);
    if (!limit || *limit == 0 || *limit > devices_max) {
      return tl::unexpected(
          invalid_parameter_problem("limit", fmt::format("a number from 1 to {}", devices_max)));
    }
    if (!after || *after > UINT32_MAX) {
      return tl::unexpected(invalid_parameter_problem("after", "the `next` of the page before"));
    }
    DevicePage page;
    page.limit_ = *limit;
    page.after_ = DeviceId{static_cast<std::uint32_t>(*after)};
    return page;
  }

  [[nodiscard]] bool is_first() const { return after_ == DeviceId{}; }

  /// Adds those of `crew` that were in one of `fleets`, both sorted.
  void fill(PastRows& rows, const std::vector<DeviceId>& crew, const std::vector<FleetId>& fleets,
            Timestamp at) {
    for (auto id = std::ranges::upper_bound(crew, after_); id != crew.end(); ++id) {
      const Device* row = rows.find(*id);
      const bool there = row != nullptr && row->lifecycle != Lifecycle::deleted &&
                         std::ranges::binary_search(fleets, row->fleet);
      if (!there) continue;
      if (items_.size() == limit_) {
        next_ = fmt::format("{}", last_.value());
        return;
      }
      items_.push_back(render(rows, *row, at));
      last_ = *id;
    }
  }

  void add_to(Json& answer) && {
    answer["items"] = std::move(items_);
    answer["next"] = std::move(next_);
  }

 private:
  std::size_t limit_ = 0;
  DeviceId after_;
  DeviceId last_;
  Json items_ = Json::array();
  Json next_ = nullptr;
};

HttpResult<HttpResponse> fleet_as_of(const Query& query) {
  HistorySight sight(query.reader, query.caller, query.sight);
  const auto fleet = sight.fleet(slug_of(query.match));
  if (!fleet) return tl::unexpected(fleet.error());
  const auto moment = moment_of(query, "at");
  if (!moment) return tl::unexpected(moment.error());
  auto page = DevicePage::of(query);
  if (!page) return tl::unexpected(page.error());
  const EventFetch events = events_of(query);
  Replay replay(query.reader.snapshot(), events, moment->sequence);
  if (const auto done = replay.everything(); !done) {
    return tl::unexpected(unreadable_problem(done.error()));
  }
  PastRows& rows = replay.rows();
  const Fleet* row = rows.find(fleet->id);
  if (row == nullptr) {
    return tl::unexpected(not_there_then(RejectionCode::unknown_fleet,
                                         fmt::format("fleet {}", slug_of(query.match)), *moment));
  }
  Json answer{{"moment", render(*moment)}, {"fleet", render(rows, *row, moment->at)}};
  page->fill(rows, possible_crew(query.reader, {fleet->id}, moment->sequence), {fleet->id},
             moment->at);
  std::move(*page).add_to(answer);
  return entity_response(answer);
}

/// The fleets that were there, of those that the caller sees.
std::vector<FleetId> fleets_then(const Query& query, HistorySight& sight, PastRows& rows) {
  std::vector<FleetId> fleets;
  query.reader.each_fleet([&](const Fleet& fleet) {
    const Fleet* row = sight.sees(fleet.id) ? rows.find(fleet.id) : nullptr;
    if (row != nullptr && !row->is_deleted()) fleets.push_back(fleet.id);
    return true;
  });
  return fleets;
}

/// With their members, so for those who administer them.
Json organisations_then(const Query& query, HistorySight& sight, PastRows& rows) {
  Json organisations = Json::array();
  const Asker& asker = query.caller.asker;
  query.reader.each_organisation([&](const Organisation& now) {
    const bool shown =
        sight.sees_all() || asker.has(InstanceRole::administrator) || administers(asker, now);
    const Organisation* row = shown ? rows.find(now.id) : nullptr;
    if (row != nullptr) organisations.push_back(render(rows, *row));
    return true;
  });
  return organisations;
}

HttpResult<HttpResponse> everything_as_of(const Query& query) {
  const auto moment = moment_of(query, "at");
  if (!moment) return tl::unexpected(moment.error());
  auto page = DevicePage::of(query);
  if (!page) return tl::unexpected(page.error());
  HistorySight sight(query.reader, query.caller, query.sight);
  const EventFetch events = events_of(query);
  Replay replay(query.reader.snapshot(), events, moment->sequence);
  if (const auto done = replay.everything(); !done) {
    return tl::unexpected(unreadable_problem(done.error()));
  }
  PastRows& rows = replay.rows();
  const auto fleets = fleets_then(query, sight, rows);
  Json answer{{"moment", render(*moment)}};
  if (page->is_first()) {
    answer["organisations"] = organisations_then(query, sight, rows);
    Json list = Json::array();
    for (const FleetId id : fleets) list.push_back(render(rows, *rows.find(id), moment->at));
    answer["fleets"] = std::move(list);
  }
  page->fill(rows, possible_crew(query.reader, fleets, moment->sequence), fleets, moment->at);
  std::move(*page).add_to(answer);
  return entity_response(answer);
}

}  // namespace

void add_as_of_routes(Api& api) {
  api.long_query("/v1/devices/{device}/as-of", device_as_of);
  api.long_query("/v1/fleets/{org}/{name}/as-of", fleet_as_of);
  api.long_query("/v1/as-of", everything_as_of);
}

}  // namespace muster
