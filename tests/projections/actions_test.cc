#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "projections/actions/action_reader.h"
#include "tests/projections/history.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

const Timestamp far_future{std::chrono::hours{24} * 365 * 200};

/// What the view says, beside what the writer's state and the events say.
class Comparison {
 public:
  Comparison(const Reader& reader, const History& history)
      : reader_(reader), actions_(reader), history_(history) {}

  /// The first difference; empty if there is none.
  std::string difference() {
    for (const Device& device : history_.state().devices()) {
      if (auto found = queue_differs(device); !found.empty()) return found;
    }
    if (auto found = deadlines_differ(); !found.empty()) return found;
    return roll_ups_differ();
  }

 private:
  [[nodiscard]] const OpenActions& open() const { return history_.state().open_actions(); }

  /// The open ones among all actions of the device are those in its queue, as far as they are.
  std::string queue_differs(const Device& device) const {
    std::map<Sequence, ActionState> wanted;
    for (const QueuedAction& entry :
         queue_of(device, open().find_queue(device.id), open().find_actions(device.fleet))) {
      wanted[entry.action->n] = entry.action->state;
    }
    std::map<Sequence, ActionState> found;
    actions_.each_of_device(device, Sequence{}, [&](Sequence n) {
      const auto progress = actions_.progress_on(*actions_.find(n), device.id);
      if (!progress.over()) found[n] = progress.state;
      return true;
    });
    return found == wanted ? "" : fmt::format("queue of device {}", device.id.value());
  }

  std::string deadlines_differ() const {
    using Clock = std::tuple<DeviceId, FleetId, Sequence>;
    std::set<Clock> wanted;
    for (const auto& [device, queue] : open().queues()) {
      for (const OpenAction& action : queue.open) {
        if (deadline_of(action)) wanted.emplace(device, action.fleet, action.n);
      }
    }
    for (const auto& [fleet, actions] : open().fleets()) {
      for (const FleetAction& wide : actions.open) {
        const bool runs = !wide.ended && wide.counts.untouched() > 0 && deadline_of(wide.action);
        if (runs) wanted.emplace(DeviceId{}, fleet, wide.action.n);
      }
    }
    std::set<Clock> found;
    for (const auto& due : actions_.due(far_future, 100'000)) {
      found.emplace(due.device, due.fleet, due.n);
    }
    return found == wanted ? "" : "deadlines";
  }

  /// How many devices each command asked something of, and on how many that is open.
  std::string roll_ups_differ() const {
    std::map<Ulid, std::pair<std::uint32_t, std::uint32_t>> wanted;
    for (const Recorded& recorded : history_.events()) {
      const auto n = asked_for(recorded);
      if (!n) continue;
      const auto record = actions_.find(*n);
      if (!record) return fmt::format("action {} is missing", n->value());
      auto& [devices, still_open] = wanted[recorded.meta.command];
      devices += devices_of(*n);
      still_open += open_of(*record);
    }
    for (const auto& [id, counts] : wanted) {
      const auto roll_up = actions_.find_roll_up(id);
      if (!roll_up) return "a roll-up is missing";
      if (roll_up->devices() != counts.first || roll_up->open() != counts.second) {
        return fmt::format("roll-up: {} devices and {} open, not {} and {}", roll_up->devices(),
                           roll_up->open(), counts.first, counts.second);
      }
      const auto record = actions_.find(roll_up->n);
      const bool wide = record->fleet != FleetId{};
      if (wide && actions_.progress_of(*record).over() != (counts.second == 0)) {
        return fmt::format("fleet-wide action {} as a whole", roll_up->n.value());
      }
    }
    return {};
  }

  static std::optional<Sequence> asked_for(const Recorded& recorded) {
    if (std::holds_alternative<ActionQueued>(recorded.event)) return recorded.sequence;
    if (std::holds_alternative<FleetActionQueued>(recorded.event)) return recorded.sequence;
    if (const auto* merged = std::get_if<ActionMerged>(&recorded.event)) return merged->n;
    return std::nullopt;
  }

  std::uint32_t devices_of(Sequence n) const {
    const Event& event = history_.events()[n.value() - 1].event;
    const auto* wide = std::get_if<FleetActionQueued>(&event);
    return wide == nullptr ? 1 : wide->devices;
  }

  std::uint32_t open_of(const ActionRecord& record) const {
    if (record.fleet == FleetId{}) return record.progress.over() ? 0 : 1;
    const auto* wide = find_action(open().find_actions(record.fleet), record.n);
    return wide == nullptr ? 0 : wide->counts.devices - wide->counts.ended;
  }

  const Reader& reader_;
  const ActionReader actions_;
  const History& history_;
};

/// Three devices in the one fleet there is.
History with_devices() {
  History history;
  for (std::uint32_t id = 1; id <= 3; ++id) {
    Uuid uuid;
    uuid.bytes[0] = static_cast<std::uint8_t>(id);
    history.record({DeviceRegistered{DeviceId{id}, uuid, FleetId{1}, DeviceTypeId{1}, "d"}});
  }
  return history;
}

}  // namespace

TEST_CASE("property: the view of actions agrees with the writer's state and with the events") {
  const auto property = [] {
    const auto choices = *rc::gen::scale(4.0, rc::gen::arbitrary<std::vector<std::uint64_t>>());
    const History history = history_of(choices);
    const TemporaryFolder folder;
    LogOf log_of(history.events());
    Views views(folder, log_of);
    RC_ASSERT(views.runner.catch_up().has_value());
    const Reader reader(*views.store);
    RC_ASSERT(Comparison(reader, history).difference() == std::string());
  };
  CHECK(rc::check("actions are as the state has them", property));
}

TEST_CASE("actions view: a long history too") {
  const History history = long_history(7, 3'000);
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const Reader reader(*views.store);
  CHECK(Comparison(reader, history).difference() == std::string());
}

TEST_CASE("actions view: a command is rolled up, whom it skipped too") {
  History history = with_devices();
  const ActionOrder reboot{.kind = ActionKind::reboot, .deliver_by = far_future};
  history.record({ActionQueued{.device = DeviceId{1}, .order = reboot},
                  ActionQueued{.device = DeviceId{2}, .order = reboot},
                  ActionSkipped{.reason = EndCause::agent_too_old, .devices = {DeviceId{3}}}});
  const Sequence first{history.events().size() - 2};
  const Ulid id = history.events().back().meta.command;
  history.record({ActionPublished{.device = DeviceId{1}, .n = first}});
  history.record({ActionEnded{.device = DeviceId{1},
                              .n = first,
                              .state = ActionState::rejected,
                              .code = 423,
                              .message = "locked"}});
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const Reader reader(*views.store);
  const ActionReader actions(reader);
  const auto roll_up = actions.find_roll_up(id);
  REQUIRE(roll_up.has_value());
  CHECK(roll_up->devices() == 3);
  CHECK(roll_up->open() == 1);
  CHECK(roll_up->count(ActionState::rejected) == 1);
  CHECK(roll_up->count(ActionState::skipped) == 1);
  CHECK(actions.find(first)->progress.code == 423);
  CHECK(actions.find(first)->progress.message == "locked");
  std::string numbers;
  actions.each_of(id, Sequence{}, [&](Sequence n) {
    numbers += fmt::format("{} ", n.value() - first.value());
    return true;
  });
  CHECK(numbers == "0 1 2 ");
  const Device third = *reader.find(DeviceId{3});
  actions.each_of_device(third, Sequence{}, [&](Sequence n) {
    CHECK(n == Sequence{first.value() + 2});
    CHECK(actions.progress_on(*actions.find(n), third.id).state == ActionState::skipped);
    return true;
  });
}

TEST_CASE("actions view: all devices of an action together are as far as one word can say") {
  using enum ActionState;
  const auto together = [](const std::vector<ActionState>& devices) {
    ActionRollUp roll_up;
    for (const ActionState state : devices) roll_up.add(state, 1);
    return roll_up.state();
  };
  CHECK(together({queued, queued}) == queued);
  CHECK(together({queued, skipped}) == queued);
  CHECK(together({queued, delivered}) == started);
  CHECK(together({queued, succeeded}) == started);
  CHECK(together({succeeded, skipped, cancelled}) == succeeded);
  CHECK(together({succeeded, failed}) == failed);
  CHECK(together({succeeded, expired}) == failed);
  CHECK(together({cancelled, superseded}) == cancelled);
  CHECK(together({skipped, skipped}) == skipped);
}

TEST_CASE("actions view: a fleet-wide action is one row until something happens on a device") {
  History history = with_devices();
  history.record({FleetActionQueued{.fleet = FleetId{1},
                                    .order = {.kind = ActionKind::restart},
                                    .devices = 3,
                                    .last_device = DeviceId{3}}});
  const Sequence n = history.events().back().sequence;
  history.record({ActionPublished{.device = DeviceId{2}, .fleet = FleetId{1}, .n = n}});
  history.record({ActionDelivered{.device = DeviceId{2}, .fleet = FleetId{1}, .n = n}});
  history.record({FleetActionEnded{.fleet = FleetId{1}, .n = n, .devices = 2}});
  const TemporaryFolder folder;
  LogOf log_of(history.events());
  Views views(folder, log_of);
  REQUIRE(views.runner.catch_up().has_value());
  const Reader reader(*views.store);
  const ActionReader actions(reader);
  const auto action = actions.find(n);
  CHECK(actions.progress_on(*action, DeviceId{1}).state == ActionState::cancelled);
  CHECK(actions.progress_on(*action, DeviceId{2}).state == ActionState::delivered);
  std::vector<DeviceId> touched;
  actions.each_part(n, DeviceId{}, [&](DeviceId device, const ActionProgress&) {
    touched.push_back(device);
    return true;
  });
  CHECK(touched == std::vector{DeviceId{2}});
  CHECK(actions.progress_of(*action).state == ActionState::started);
}
