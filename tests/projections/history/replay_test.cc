#include "projections/history/replay.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>

#include "core/domain/actions/queue.h"
#include "core/domain/evolve.h"
#include "projections/history/history_view.h"
#include "projections/registry.h"
#include "projections/row_codec.h"
#include "tests/projections/history.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A history folded with ages of that length.
struct Past {
  Past(const History& history, std::uint64_t length)
      : ages(length),
        log_of(history.events()),
        views(folder, log_of, projections(ages)),
        events(log_of.log, log_of.codec) {
    const auto done = views.runner.catch_up();
    REQUIRE(done.has_value());
    snapshot.emplace(*views.store);
  }

  static std::vector<std::unique_ptr<Projection>> projections(Ages ages) {
    std::vector<std::unique_ptr<Projection>> all;
    all.push_back(std::make_unique<RegistryView>(ages));
    all.push_back(std::make_unique<HistoryView>());
    return all;
  }

  [[nodiscard]] Replay as_of(Sequence moment) const {
    return Replay(*snapshot, events, moment, ages);
  }

  const Ages ages;
  TemporaryFolder folder;
  LogOf log_of;
  Views views;
  EventFetch events;
  std::optional<ViewSnapshot> snapshot;
};

template <typename Row>
std::string bytes_of(const Row* row) {
  return row == nullptr ? std::string() : encode_row(*row);
}

template <typename Id>
bool same_rows(PastRows& past, const State& state, Id end) {
  for (std::uint32_t id = 1; id <= end.value(); ++id) {
    if (bytes_of(past.find(Id{id})) != bytes_of(state.find(Id{id}))) return false;
  }
  return true;
}

bool same_queues(PastRows& past, const State& state) {
  const OpenActions& open = state.open_actions();
  for (const Device& device : state.devices()) {
    if (bytes_of(past.find_queue(device.id)) != bytes_of(open.find_queue(device.id))) return false;
  }
  for (const Fleet& fleet : state.fleets()) {
    if (bytes_of(past.find_actions(fleet.id)) != bytes_of(open.find_actions(fleet.id))) {
      return false;
    }
  }
  return true;
}

/// Calls `check` with every moment between commands and the state of it.
void each_moment(const History& history, const std::function<void(Sequence, const State&)>& check) {
  State state;
  for (const Recorded& recorded : history.events()) {
    evolve(state, recorded);
    if (recorded.meta.index + 1 == recorded.meta.count) check(recorded.sequence, state);
  }
}

/// What a device was told and had to do.
std::string told(const Device& device, const Fleet& fleet, const DeviceQueue* own,
                 const FleetActions* wide) {
  std::string text = encode_row(device);
  text += fleet.target ? std::to_string(fleet.target->value()) : "none";
  text += std::to_string(fleet.target_changed.sequence.value());
  for (const QueuedAction& queued : queue_of(device, own, wide)) {
    text += " " + std::to_string(queued.action->n.value()) +
            std::string(to_string(queued.action->state));
  }
  return text;
}

}  // namespace

TEST_CASE("as-of: everything is as it was at every moment, whatever came later") {
  CHECK(rc::check("past equals state", [](const std::vector<std::uint64_t>& choices) {
    const History history = history_of(choices);
    const Past past(history, 1 + choices.size() % 9);
    each_moment(history, [&](Sequence moment, const State& state) {
      Replay replay = past.as_of(moment);
      RC_ASSERT(replay.everything().has_value());
      PastRows& rows = replay.rows();
      RC_ASSERT(same_rows(rows, state, history.state().next_device()));
      RC_ASSERT(same_rows(rows, state, history.state().next_fleet()));
      RC_ASSERT(same_rows(rows, state, history.state().next_release()));
      RC_ASSERT(same_rows(rows, state, history.state().next_user()));
      RC_ASSERT(same_rows(rows, state, history.state().next_organisation()));
      RC_ASSERT(same_queues(rows, state));
    });
  }));
}

TEST_CASE("as-of: one device by its streams is what it is by all events") {
  const History history = long_history(17, 900);
  const Past past(history, 256);
  std::size_t compared = 0;
  each_moment(history, [&](Sequence moment, const State& state) {
    if (moment.value() % 7 != 0) return;
    for (const Device& device : state.devices()) {
      Replay replay = past.as_of(moment);
      REQUIRE(replay.device(device.id).has_value());
      PastRows& rows = replay.rows();
      const Device* row = rows.find(device.id);
      REQUIRE(row != nullptr);
      const OpenActions& open = state.open_actions();
      REQUIRE(told(*row, *rows.find(row->fleet), rows.find_queue(row->id),
                   rows.find_actions(row->fleet)) == told(device, *state.find(device.fleet),
                                                          open.find_queue(device.id),
                                                          open.find_actions(device.fleet)));
      ++compared;
    }
  });
  CHECK(compared > 1'000);
}

TEST_CASE("as-of: before an entity came there is none") {
  const History history = long_history(5, 300);
  const Past past(history, 64);
  Replay first = past.as_of(Sequence{1});
  REQUIRE(first.everything().has_value());
  CHECK(first.rows().find(FleetId{1}) == nullptr);
  CHECK(first.rows().find(DeviceId{1}) == nullptr);
  CHECK(first.rows().find(UserId{1}) == nullptr);
}
