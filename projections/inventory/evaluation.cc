#include "projections/inventory/evaluation.h"

#include <algorithm>

namespace muster {
namespace {

/// How much a term costs, roughly: cheap ones come first.
int cost_of(const Filter& filter) {
  if (filter.kind != Filter::Kind::term) {
    int most = 0;
    for (const Filter& part : filter.parts) most = std::max(most, cost_of(part));
    return most;
  }
  switch (filter.term.field) {
    case FilterField::name:
    case FilterField::uuid:
      return 3;
    case FilterField::stuck:
    case FilterField::stuck_cause:
      return 2;
    case FilterField::online:
    case FilterField::presence:
    case FilterField::status:
      return 1;
    default:
      return 0;
  }
}

bool asks_for_name(const Filter& filter) {
  return filter.kind == Filter::Kind::term && filter.term.field == FilterField::name &&
         filter.term.op != FilterOperator::not_equal;
}

std::string_view cause_of(const LiveState& state) {
  if (state.presence != Presence::online) return "offline";
  if (state.status == ReportStatus::locked) return "locked";
  if (state.status == ReportStatus::rejected) return "rejected";
  return "other";
}

}  // namespace

DeviceSet FilterEvaluation::select(const Filter* filter) const {
  DeviceSet within;
  for (const Fleet& fleet : scope_.fleets) within |= sets_.of_fleet(fleet.id);
  for (const DeviceId device : scope_.also) within.add(device);
  within -= sets_.of(term_of(InventoryKey::lifecycle, to_string(Lifecycle::deleted)));
  return filter == nullptr ? within : part(*filter, within);
}

DeviceSet FilterEvaluation::part(const Filter& filter, const DeviceSet& within) const {
  if (within.empty()) return {};
  switch (filter.kind) {
    case Filter::Kind::all:
      return all(filter, within);
    case Filter::Kind::any:
      return any(filter, within);
    case Filter::Kind::negation:
      return within - part(filter.parts.front(), within);
    case Filter::Kind::term:
      break;
  }
  return term(filter.term, within);
}

DeviceSet FilterEvaluation::all(const Filter& filter, DeviceSet within) const {
  std::vector<const Filter*> parts;
  for (const Filter& each : filter.parts) parts.push_back(&each);
  std::ranges::stable_sort(parts, {}, [](const Filter* each) { return cost_of(*each); });
  for (const Filter* each : parts) within = part(*each, within);
  return within;
}

DeviceSet FilterEvaluation::any(const Filter& filter, DeviceSet within) const {
  DeviceSet found;
  const auto take = [&](const DeviceSet& more) {
    found |= more;
    within -= more;
  };
  std::vector<FilterTerm> names;  // Last and all at once: to read the names is what takes long.
  for (const Filter& each : filter.parts) {
    if (asks_for_name(each)) {
      names.push_back(each.term);
    } else {
      take(part(each, within));
    }
  }
  if (!names.empty()) take(sets_.named(names, within));
  return found;
}

DeviceSet FilterEvaluation::term(const FilterTerm& term, const DeviceSet& within) const {
  if (term.op != FilterOperator::not_equal) return equal(term, within) & within;
  FilterTerm positive = term;
  positive.op = FilterOperator::equal;
  return within - equal(positive, within);
}

/// At least those of `within` that the term, which denies nothing, is true of.
DeviceSet FilterEvaluation::equal(const FilterTerm& term, const DeviceSet& within) const {
  const std::string_view value = term.value;
  switch (term.field) {
    case FilterField::fleet:
      return sets_.in_fleet(value);
    case FilterField::type:
      return sets_.of_type(value);
    case FilterField::policy:
      return value == "pinned" ? sets_.pinned() : within - sets_.pinned();
    case FilterField::pinned_to:
      return sets_.pinned_to(value);
    case FilterField::target:
      return sets_.targeting(value);
    case FilterField::running:
      return sets_.running(value);
    case FilterField::stuck:
      return stuck_for(parse_duration(value).value_or(stuck_default), within);
    case FilterField::stuck_cause:
      return stuck_by(value, within);
    case FilterField::online:
      return live(within, [](const LiveState& s) { return s.presence == Presence::online; });
    case FilterField::presence:
      return live(within, [&](const LiveState& s) { return to_string(s.presence) == value; });
    case FilterField::status: {
      const ReportStatus wanted = parse_report_status(value);
      return live(within, [&](const LiveState& s) { return s.status == wanted; });
    }
    case FilterField::name:
      return sets_.named({&term, 1}, within);
    case FilterField::uuid:
      return sets_.with_uuid(term);
    case FilterField::tag:
      if (term.op == FilterOperator::holds) {
        return sets_.of(term_of(InventoryKey::tag_key, std::string_view(term.tag)));
      }
      return sets_.of(term_of(InventoryKey::tag, std::string_view(term.tag), value));
    case FilterField::os:
      return sets_.with_version(InventoryKey::os, term);
    case FilterField::agent:
      return sets_.with_version(InventoryKey::agent, term);
    case FilterField::os_variant:
      return sets_.of(term_of(InventoryKey::os_variant, value));
    case FilterField::lifecycle:
      return sets_.living(parse_lifecycle(value).value_or(Lifecycle::deleted));
  }
  return {};
}

DeviceSet FilterEvaluation::stuck_for(std::chrono::seconds least, const DeviceSet& within) const {
  const Timestamp since = scope_.now - least;
  return sets_.unchanged_since(since, sets_.not_on_target(since, within));
}

DeviceSet FilterEvaluation::stuck_by(std::string_view cause, const DeviceSet& within) const {
  return live(sets_.not_on_target(scope_.now, within),
              [&](const LiveState& state) { return cause_of(state) == cause; });
}

template <typename Test>
DeviceSet FilterEvaluation::live(const DeviceSet& within, Test test) const {
  DeviceSet found;
  const auto& devices = scope_.live.devices;
  const bool others = test(scope_.live.others);
  for (std::size_t group = 0; group < within.groups(); ++group) {
    std::uint64_t kept = 0;
    each_bit(within.group(group), [&](std::size_t place) {
      const std::size_t id = group * devices_per_group + place;
      if (id < devices.size() ? test(devices[id]) : others) kept |= std::uint64_t{1} << place;
    });
    found.set_group(group, kept);
  }
  return found;
}

}  // namespace muster
