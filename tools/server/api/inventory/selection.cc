#include "tools/server/api/inventory/selection.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "core/domain/decide/names.h"
#include "tools/server/api/problems.h"

namespace muster {
namespace {

HttpResult<Filter> read_filter(const std::string& text) {
  auto filter = parse_filter(text);
  if (!filter) return tl::unexpected(to_problem(invalid_filter(text, filter.error())));
  return std::move(*filter);
}

/// The fleet that `filter` itself keeps to, so that the others need not be looked at.
std::optional<std::string_view> only_fleet(const Filter& filter) {
  const FilterTerm& term = filter.term;
  const bool names_it = filter.kind == Filter::Kind::term && term.field == FilterField::fleet &&
                        term.op == FilterOperator::equal;
  if (names_it) return term.value;
  if (filter.kind != Filter::Kind::all) return std::nullopt;
  for (const Filter& part : filter.parts) {
    if (const auto fleet = only_fleet(part)) return fleet;
  }
  return std::nullopt;
}

/// All filters in one; none of none.
HttpResult<std::optional<Filter>> joined(const Sight& sight, const Wanted& wanted) {
  std::vector<Filter> parts;
  if (wanted.view) {
    const auto view = sight.view(*wanted.view);
    if (!view) return tl::unexpected(view.error());
    auto filter = read_filter(view->filter);
    if (!filter) return tl::unexpected(filter.error());
    parts.push_back(std::move(*filter));
  }
  if (wanted.filter) {
    auto filter = read_filter(*wanted.filter);
    if (!filter) return tl::unexpected(filter.error());
    parts.push_back(std::move(*filter));
  }
  if (parts.empty()) return std::nullopt;
  if (parts.size() == 1) return std::move(parts.front());
  return Filter{.kind = Filter::Kind::all, .term = {}, .parts = std::move(parts)};
}

HttpResult<std::vector<Fleet>> fleets_in_sight(const Sight& sight, const Wanted& wanted,
                                               const std::optional<Filter>& filter) {
  if (wanted.fleet) {
    auto fleet = sight.fleet(*wanted.fleet);
    if (!fleet) return tl::unexpected(fleet.error());
    return std::vector<Fleet>{std::move(*fleet)};
  }
  const auto only = filter ? only_fleet(*filter) : std::nullopt;
  if (!only) return wanted.orphans ? sight.fleets_and_deleted() : sight.fleets();
  auto fleet = sight.fleet(*only);
  if (!fleet) return std::vector<Fleet>{};
  return std::vector<Fleet>{std::move(*fleet)};
}

}  // namespace

HttpResult<Selection> selection_of(const ApiParts& parts, const Sight& sight,
                                   const Wanted& wanted) {
  auto filter = joined(sight, wanted);
  if (!filter) return tl::unexpected(filter.error());
  auto fleets = fleets_in_sight(sight, wanted, *filter);
  if (!fleets) return tl::unexpected(fleets.error());
  const Timestamp now = parts.clock.now();
  return Selection{
      .filter = std::move(*filter),
      .scope = {.fleets = std::move(*fleets),
                .live = parts.presence.live(now),
                .now = now,
                .also = wanted.fleet ? std::vector<DeviceId>{} : sight.granted_devices()}};
}

SelectedDevices select(const Reader& reader, const Selection& selection) {
  const Filter* filter = selection.filter ? &*selection.filter : nullptr;
  return {.ids = select_devices(reader, selection.scope, filter, selection_size_max + 1),
          .as_of = reader.position()};
}

}  // namespace muster
