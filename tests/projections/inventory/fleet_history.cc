#include "tests/projections/inventory/fleet_history.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>

#include "core/domain/filter/fields.h"

namespace muster::test {
namespace {

constexpr std::array<const char*, 3> keys{"site", "rack", "a"};
constexpr std::array<const char*, 3> values{"berlin", "", "x y"};
constexpr std::array<const char*, 5> versions{"1.0.0", "1.10.0-rc.1", "OS 2.1+rev2", "odd", ""};

/// Small numbers out of a large one, one after the other.
class Draw {
 public:
  explicit Draw(std::uint64_t choice) : left_(choice) {}

  std::uint32_t below(std::size_t count) {
    left_ = left_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
    return static_cast<std::uint32_t>((left_ >> 33U) % count);
  }
  template <typename Words>
  std::string of(const Words& words) {
    return std::string(words[below(words.size())]);
  }

 private:
  std::uint64_t left_;
};

std::string commit_text(std::uint32_t number) { return fmt::format("{:07x}c0ffee", number); }

Uuid uuid_of(std::uint32_t number) {
  Uuid uuid;
  uuid.bytes[0] = static_cast<std::uint8_t>(number % 3);
  uuid.bytes[14] = static_cast<std::uint8_t>(number >> 8U);
  uuid.bytes[15] = static_cast<std::uint8_t>(number);
  return uuid;
}

ReleaseId some_release(const State& state, FleetId fleet, Draw& draw) {
  const auto& releases = state.releases_of(fleet);
  return releases[draw.below(releases.size())];
}

Event report(const State& state, const Device& device, Draw& draw) {
  if (draw.below(3) == 0) {
    return DeviceSoftwareChanged{device.id, draw.of(versions),
                                 static_cast<OsVariant>(draw.below(3)), draw.of(versions)};
  }
  std::string commit;
  if (draw.below(4) > 0) commit = state.find(some_release(state, device.fleet, draw))->commit;
  return DeviceRunningChanged{device.id, commit};
}

Event about(const State& state, const Device& device, Draw& draw) {
  switch (draw.below(6)) {
    case 0:
      return DeviceRenamed{device.id, fmt::format("kitchen-{}", draw.below(5))};
    case 1:
      return DeviceTagged{device.id, {{draw.of(keys), draw.of(values)}}, {}};
    case 2:
      return DeviceTagged{device.id, {}, {draw.of(keys)}};
    case 3:
      return report(state, device, draw);
    case 4:
      if (device.pin) return DeviceTrackingFleet{device.id, *device.pin};
      [[fallthrough]];
    default:
      return DevicePinned{device.id, some_release(state, device.fleet, draw), device.pin};
  }
}

void give_fleets(History& history) {
  history.record({DeviceTypeAdded{DeviceTypeId{2}, "nuc", "NUC", "amd64", true}});
  for (std::uint32_t fleet = 2; fleet <= 4; ++fleet) {
    history.record(
        {FleetCreated{FleetId{fleet}, uuid_of(1'000 + fleet), OrganisationId{1}, "f",
                      fmt::format("acme/f{}", fleet), DeviceTypeId{1}, FleetType::starter}});
  }
  for (std::uint32_t release = 1; release <= 8; ++release) {
    history.record(
        {ReleaseCreated{ReleaseId{release}, FleetId{1 + release % 4}, commit_text(release / 2),
                        "1.0.0", release, ReleaseStatus::success, "", ""}});
  }
}

}  // namespace

FleetHistory::FleetHistory(const std::vector<std::uint64_t>& choices) {
  give_fleets(history);
  changed.resize(2'000);
  for (const std::uint64_t choice : choices) {
    Draw draw(choice);
    const State& state = history.state();
    const FleetId fleet{1 + draw.below(4)};
    Event event =
        FleetTargetChanged{fleet, state.find(fleet)->target, some_release(state, fleet, draw)};
    const auto kind = draw.below(8);
    if (kind < 3 || state.devices().empty()) {
      const DeviceId id = state.next_device();
      event = DeviceRegistered{id, uuid_of(id.value()), fleet, DeviceTypeId{1 + draw.below(2)},
                               fmt::format("lobby {}", draw.below(4))};
    } else if (kind < 7) {
      event = about(state, state.devices()[draw.below(state.devices().size())], draw);
    }
    const bool moves = std::holds_alternative<DeviceRegistered>(event) ||
                       std::holds_alternative<DevicePinned>(event) ||
                       std::holds_alternative<DeviceTrackingFleet>(event) ||
                       std::holds_alternative<DeviceRunningChanged>(event);
    const auto device = subject_of(event).id;
    history.record({std::move(event)});
    if (moves) changed[device] = history.events().back().meta.at;
  }
  for (std::uint32_t fleet = 1; fleet < 4; ++fleet) {
    scope.fleets.push_back(*history.state().find(FleetId{fleet}));
  }
  Draw draw(choices.size());
  scope.live.devices.resize(history.state().devices().size() / 2 + 1);
  for (LiveState& state : scope.live.devices) {
    state = {static_cast<Presence>(draw.below(3)), static_cast<ReportStatus>(draw.below(9))};
  }
  scope.live.others.presence = Presence::offline;
  scope.now = history.events().back().meta.at + std::chrono::seconds{draw.below(3)};
}

namespace {

std::string value_for(const FieldRule& rule, const State& state) {
  Draw draw(*rc::gen::arbitrary<std::uint64_t>());
  if (rule.value == FilterValue::word) return draw.of(rule.words);
  switch (rule.field) {
    case FilterField::fleet:
      return fmt::format("acme/f{}", 1 + draw.below(5));
    case FilterField::type:
      return draw.of(std::array{"raspberrypi4-64", "nuc", "none"});
    case FilterField::stuck:
      return draw.of(std::array{"0s", "1s", "2s", "1h"});
    case FilterField::name:
      return draw.of(std::array{"kitchen-1", "lobby 2", "lobby", "kitchen-", "o", "b"});
    case FilterField::uuid:
      return to_string(uuid_of(draw.below(state.devices().size() + 2)))
          .substr(0, draw.of(std::array{"a", "bb"}).size() == 1 ? 32 : draw.below(8));
    case FilterField::tag:
      return draw.of(values);
    case FilterField::os:
    case FilterField::agent:
      return draw.of(std::array{"1.0", "1.10.0", "2.1+rev1", "2.1.0"});
    default:
      break;
  }
  if (draw.below(5) == 0 && rule.value == FilterValue::release_or_none) return "none";
  if (draw.below(3) == 0 && rule.field != FilterField::running) {
    return fmt::format("id:{}", 1 + draw.below(9));
  }
  return commit_text(draw.below(5));
}

}  // namespace

Filter any_fleet_filter(const State& state, std::size_t depth) {
  Filter filter;
  const int kind = depth == 0 ? 0 : *rc::gen::inRange(0, 4);
  filter.kind = static_cast<Filter::Kind>(kind);
  const int parts = filter.kind == Filter::Kind::negation ? 1 : 2;
  for (int i = 0; kind > 0 && i < parts; ++i) {
    filter.parts.push_back(any_fleet_filter(state, depth - 1));
  }
  if (kind > 0) return filter;
  const auto rules = field_rules();
  const FieldRule& rule = rules[*rc::gen::inRange<std::size_t>(0, rules.size())];
  filter.term.field = rule.field;
  if (rule.field == FilterField::tag)
    filter.term.tag = *rc::gen::elementOf(std::vector<std::string>(keys.begin(), keys.end()));
  filter.term.op = rule.operators[*rc::gen::inRange<std::size_t>(0, rule.operators.size())];
  if (filter.term.op != FilterOperator::holds) filter.term.value = value_for(rule, state);
  return filter;
}

}  // namespace muster::test
