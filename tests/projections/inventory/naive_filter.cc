#include "tests/projections/inventory/naive_filter.h"

#include <algorithm>

#include "core/domain/filter/fields.h"
#include "core/domain/filter/version_order.h"
#include "core/domain/target.h"

namespace muster::test {
namespace {

bool compares(const std::string& reported, const FilterTerm& term) {
  const auto version = parse_version(reported);
  if (!version) return false;
  const auto order = compare(*version, parse_version(term.value).value());
  if (term.op == FilterOperator::less) return order < 0;
  if (term.op == FilterOperator::less_or_equal) return order <= 0;
  if (term.op == FilterOperator::greater) return order > 0;
  if (term.op == FilterOperator::greater_or_equal) return order >= 0;
  return order == 0;
}

bool compares(const std::string& text, FilterOperator op, const std::string& value) {
  if (op == FilterOperator::starts_with) return text.starts_with(value);
  if (op == FilterOperator::contains) return text.find(value) != std::string::npos;
  return text == value;
}

std::string_view word_of(ReportStatus status) {
  if (status == ReportStatus::none) return "";
  return rule_of(FilterField::status).words[static_cast<std::size_t>(status) - 1];
}

}  // namespace

std::vector<DeviceId> NaiveFilter::select(const Filter& filter) const {
  std::vector<DeviceId> selected;
  for (const Device& device : state_.devices()) {
    const bool seen =
        std::ranges::find(scope_.fleets, device.fleet, &Fleet::id) != scope_.fleets.end();
    if (seen && fits(filter, device)) selected.push_back(device.id);
  }
  return selected;
}

bool NaiveFilter::fits(const Filter& filter, const Device& device) const {
  const auto fits_too = [&](const Filter& part) { return fits(part, device); };
  switch (filter.kind) {
    case Filter::Kind::all:
      return std::ranges::all_of(filter.parts, fits_too);
    case Filter::Kind::any:
      return std::ranges::any_of(filter.parts, fits_too);
    case Filter::Kind::negation:
      return !fits_too(filter.parts.front());
    case Filter::Kind::term:
      break;
  }
  FilterTerm term = filter.term;
  if (term.op != FilterOperator::not_equal) return fits(term, device);
  term.op = FilterOperator::equal;
  return !fits(term, device);
}

const Release* NaiveFilter::target(const Device& device) const {
  const auto id = target_release(device, *state_.find(device.fleet));
  return id ? state_.find(*id) : nullptr;
}

LiveState NaiveFilter::live(const Device& device) const {
  const auto& devices = scope_.live.devices;
  return device.id.value() < devices.size() ? devices[device.id.value()] : scope_.live.others;
}

/// By full commit and id only: what the other ways of naming mean has tests of its own.
bool NaiveFilter::named(const std::string& name, const Release* release) const {
  if (release == nullptr) return name == "none";
  if (release->deleted) return false;
  return release->commit == name || "id:" + std::to_string(release->id.value()) == name;
}

bool NaiveFilter::off_target(const Device& device, std::chrono::seconds least) const {
  const Release* wanted = target(device);
  if (wanted == nullptr || wanted->commit == device.running_commit) return false;
  const Timestamp since = scope_.now - least;
  const Fleet& fleet = *state_.find(device.fleet);
  const auto second = [](Timestamp at) { return std::chrono::floor<std::chrono::seconds>(at); };
  if (!device.pin && fleet.target_changed.at > since) return false;
  return second(changed_[device.id.value()]) <= second(since);
}

bool NaiveFilter::fits(const FilterTerm& term, const Device& device) const {
  const std::string& value = term.value;
  const LiveState state = live(device);
  switch (term.field) {
    case FilterField::fleet:
      return state_.find(device.fleet)->slug == value;
    case FilterField::type:
      return state_.find(device.device_type)->slug == value;
    case FilterField::policy:
      return device.pin.has_value() == (value == "pinned");
    case FilterField::pinned_to:
      return device.pin && named(value, state_.find(*device.pin));
    case FilterField::target:
      return named(value, target(device));
    case FilterField::running:
      return value == "none" ? device.running_commit.empty() : device.running_commit == value;
    case FilterField::stuck:
      return off_target(device, parse_duration(value).value_or(stuck_default));
    case FilterField::stuck_cause: {
      if (!off_target(device, {})) return false;
      if (state.presence != Presence::online) return value == "offline";
      if (state.status == ReportStatus::locked) return value == "locked";
      if (state.status == ReportStatus::rejected) return value == "rejected";
      return value == "other";
    }
    case FilterField::online:
      return state.presence == Presence::online;
    case FilterField::presence:
      return to_string(state.presence) == value;
    case FilterField::status:
      return word_of(state.status) == value;
    case FilterField::name:
      return compares(device.name, term.op, value);
    case FilterField::uuid:
      return compares(to_string(device.uuid), term.op, value);
    case FilterField::tag:
      return std::ranges::any_of(device.tags, [&](const Tag& tag) {
        return tag.key == term.tag && (term.op == FilterOperator::holds || tag.value == value);
      });
    case FilterField::os:
      return compares(device.os_version, term);
    case FilterField::agent:
      return compares(device.agent_version, term);
    case FilterField::os_variant:
      return to_string(device.os_variant) == value;
    case FilterField::lifecycle:
      return to_string(device.lifecycle) == value;
  }
  return false;
}

}  // namespace muster::test
