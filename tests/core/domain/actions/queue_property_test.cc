#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include "tests/core/domain/actions/given_actions.h"
#include "tests/core/domain/actions/queue_model.h"
#include "tests/support/domain_text.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Random commands about actions and moves, through decide and evolve, against the naive model.

namespace {

struct Throw {
  std::uint8_t what = 0;
  std::array<std::uint8_t, 5> dice{};
};

std::ostream& operator<<(std::ostream& out, const Throw& thrown) {
  return out << fmt::format("{{{}, {{{}}}}}", thrown.what, fmt::join(thrown.dice, ", "));
}

constexpr std::array kinds{ActionKind::restart, ActionKind::reboot,   ActionKind::purge,
                           ActionKind::blink,   ActionKind::shutdown, ActionKind::os_update};
constexpr std::array states{ActionState::delivered, ActionState::started,  ActionState::succeeded,
                            ActionState::failed,    ActionState::rejected, ActionState::cancelled};

class Pair : public GivenActions {
 public:
  Pair() {
    for (const Device& device : world.state().devices()) {
      model.fleet_of[device.id.value()] = device.fleet.value();
    }
  }

  void run(const Throw& thrown) {
    const auto [body, by] = draw(thrown);
    const How how{.by = by, .confirmed = true};
    const Decision decided = world.decision(body, how);
    history += text_of(decided) + "\n";
    if (!decided) return;
    const std::uint64_t before = world.head().value();
    for (std::size_t i = 0; i < decided->size(); ++i) {
      model.see(before + 1 + i, (*decided)[i]);
      ++seen[std::string(name_of((*decided)[i]))];
    }
    world.perform(body, how);
    compare();
  }

  QueueModel model;
  std::string history;
  std::map<std::string, int> seen;

 private:
  struct Drawn {
    CommandBody body;
    Actor by;
  };

  static std::uint32_t device(std::uint8_t die) { return 1 + die % 5; }

  /// Some action that is open on the device, or was once queued.
  [[nodiscard]] Sequence action_of(std::uint32_t device, std::uint8_t die) const {
    const auto queue = model.queue_of(device);
    if (queue.empty()) return Sequence{1U + die};
    return Sequence{queue[die % 4 == 0 ? queue.size() - 1 : 0]};
  }

  QueueAction any_action(const Throw& thrown) const {
    const auto& dice = thrown.dice;
    const ActionKind kind = kinds[dice[0] % kinds.size()];
    QueueAction command = dice[1] % 3 == 0
                              ? ask_fleet(kind, dice[2] % 2 == 0 ? "acme/thermo" : "acme/second")
                              : ask(kind, {device(dice[2]), device(dice[3])});
    if (kind == ActionKind::os_update) command.order.os_version = dice[4] % 2 == 0 ? "3.0" : "3.1";
    if (dice[4] % 5 == 0) command.order.max_parallel = 1;
    if (dice[4] % 7 == 0) command.order.stop_after_failures = 1;
    command.skip_inapplicable = true;
    return command;
  }

  AckAction any_ack(const Throw& thrown) const {
    const std::uint32_t from = device(thrown.dice[0]);
    AckAction ack{.device = *parse_uuid(uuid_text(from)),
                  .n = action_of(from, thrown.dice[1]),
                  .state = states[thrown.dice[2] % states.size()]};
    const auto* own = world.state().open_actions().find_queue(DeviceId{from});
    if (const OpenAction* action = find_action(own, ack.n)) ack.id = action->id;
    const bool late = own != nullptr && !own->unanswered.empty() && thrown.dice[3] % 3 == 0;
    if (late) {
      ack.n = own->unanswered.front().n;
      ack.id = own->unanswered.front().id;
    }
    return ack;
  }

  Drawn draw(const Throw& thrown) {
    const auto& dice = thrown.dice;
    const DeviceId some{device(dice[0])};
    switch (thrown.what % 12) {
      case 0:
      case 1:
        return {any_action(thrown), world.owner};
      case 2:
      case 3:
      case 4:
        return {PublishAction{some, action_of(some.value(), 1)}, bridge};
      case 5:
      case 6:
      case 7:
        return {any_ack(thrown), bridge};
      case 8:
        return {cancel(some, action_of(some.value(), dice[1]), dice[2]), world.owner};
      case 9:
        if (dice[1] % 4 == 0) world.passes(std::chrono::hours{24} * 8);
        return {expiry(some, action_of(some.value(), dice[2])), bridge};
      case 10:
        return {MoveDevices{.devices = {uuid_text(some)},
                            .fleet = dice[1] % 2 == 0 ? "acme/thermo" : "acme/second",
                            .pin = {}},
                world.owner};
      default:
        return other(thrown);
    }
  }

  Drawn other(const Throw& thrown) const {
    const Uuid uuid = *parse_uuid(uuid_text(device(thrown.dice[0])));
    switch (thrown.dice[1] % 4) {
      case 0:
        return {RegisterDevice{.fleet = "acme/thermo", .uuid = *parse_uuid(uuid_text(5))},
                world.owner};
      case 1:
        return {NoteOffline{uuid}, bridge};
      case 2:
        return {SetUserEnabled{"owner", thrown.dice[2] % 4 != 0}, world.root};
      default: {
        ReportDevice report{.device = uuid};
        report.boot = fmt::format("b{}", thrown.dice[2]);
        report.software = ReportDevice::Software{thrown.dice[3] % 3 == 0 ? "2.10.0" : "2.98.33",
                                                 OsVariant::production,
                                                 thrown.dice[4] % 3 == 0 ? "1.0.0" : "1.14.0"};
        return {report, bridge};
      }
    }
  }

  CancelAction cancel(DeviceId device, Sequence n, std::uint8_t die) const {
    const auto found = model.actions.find(n.value());
    const bool whole = found != model.actions.end() && found->second.fleet && die % 2 == 0;
    if (!whole) return {.action = "it", .devices = {{device, n}}, .fleets = {}};
    return {.action = "it", .devices = {}, .fleets = {{FleetId{*found->second.fleet}, n}}};
  }

  ExpireActions expiry(DeviceId device, Sequence n) const {
    ExpireActions command{.devices = {{device, n}}, .fleets = {}};
    const auto found = model.actions.find(n.value());
    if (found != model.actions.end() && found->second.fleet) {
      command.fleets.push_back({FleetId{*found->second.fleet}, n});
    }
    return command;
  }

  void expect(bool holds, const std::string& what) const {
    if (holds) return;
    RC_LOG() << history;
    RC_FAIL(what);
  }

  void compare() const {
    expect(model.broken.empty(), model.broken.empty() ? "" : model.broken.front());
    for (const auto& [device, fleet] : model.fleet_of) {
      std::string text;
      for (const auto n : model.queue_of(device)) {
        text += fmt::format("{}{}", text.empty() ? "" : " ", n);
      }
      if (text.empty()) text = "-";
      expect(queue(device) == text,
             fmt::format("queue of device {}: {} in the code, {} in the model", device,
                         queue(device), text));
      check_one_outstanding(device);
    }
    for (const auto& [n, action] : model.actions) {
      if (action.fleet) compare_counts(n, *action.fleet);
    }
  }

  void check_one_outstanding(std::uint32_t device) const {
    const auto queue = model.queue_of(device);
    for (std::size_t i = 1; i < queue.size(); ++i) {
      const bool published = model.actions.at(queue[i]).parts.at(device).published;
      expect(!published, fmt::format("device {} has more than its head", device));
    }
  }

  void compare_counts(std::uint64_t n, std::uint32_t fleet) const {
    const auto* actions = world.state().open_actions().find_actions(FleetId{fleet});
    const FleetAction* open = find_action(actions, Sequence{n});
    expect((open != nullptr) == (model.open(n) > 0), fmt::format("{} open or not", n));
    if (open == nullptr) return;
    const ActionCounts& counts = open->counts;
    const auto parts = static_cast<std::uint32_t>(model.actions.at(n).parts.size());
    const ActionCounts naive{.devices = parts,
                             .in_flight = model.in_flight(n),
                             .succeeded = model.ended(n, ActionState::succeeded),
                             .failed = model.ended(n, ActionState::failed) +
                                       model.ended(n, ActionState::rejected) +
                                       model.ended(n, ActionState::expired),
                             .skipped = model.ended(n, ActionState::skipped),
                             .ended = parts - model.open(n)};
    expect(counts == naive, fmt::format("counts of {}", n));
  }
};

}  // namespace

template <>
struct rc::Arbitrary<Throw> {
  static Gen<Throw> arbitrary() {
    const auto byte = gen::inRange<std::uint8_t>(0, 255);
    return gen::build<Throw>(
        gen::set(&Throw::what, gen::inRange<std::uint8_t>(0, 12)),
        gen::set(&Throw::dice, gen::container<std::array<std::uint8_t, 5>>(byte)));
  }
};

TEST_CASE("property: queues, ends and counts of actions are those of the naive model") {
  std::map<std::string, int> seen;
  const auto property = [&] {
    const auto throws = *rc::gen::scale(6.0, rc::gen::arbitrary<std::vector<Throw>>());
    Pair pair;
    for (const Throw& thrown : throws) pair.run(thrown);
    for (const auto& [what, count] : pair.seen) seen[what] += count;
  };
  CHECK(rc::check("queues are as in the naive model", property));
  // A property that never gets anywhere would hold as well.
  for (const std::string what :
       {"ActionQueued", "FleetActionQueued", "ActionSkipped", "ActionMerged", "ActionPublished",
        "ActionDelivered", "ActionStarted", "ActionEnded", "ActionCancelRequested",
        "FleetActionEnded", "ActionLateResult", "DeviceMoved"}) {
    CAPTURE(what);
    CHECK(seen[what] > 0);
  }
}
