#include "tests/projections/history.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "core/base/overloaded.h"
#include "core/domain/evolve.h"
#include "projections/history/history_reader.h"
#include "projections/history/history_view.h"
#include "projections/history/keys.h"
#include "tests/projections/views.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// A history folded into the view of history alone.
struct Folded {
  explicit Folded(const History& history)
      : log_of(history.events()), views(folder, log_of, projections()) {
    const auto done = views.runner.catch_up();
    REQUIRE(done.has_value());
    snapshot.emplace(*views.store);
    reader.emplace(*snapshot);
  }

  static std::vector<std::unique_ptr<Projection>> projections() {
    std::vector<std::unique_ptr<Projection>> all;
    all.push_back(std::make_unique<HistoryView>());
    return all;
  }

  TemporaryFolder folder;
  LogOf log_of;
  Views views;
  std::optional<ViewSnapshot> snapshot;
  std::optional<HistoryReader> reader;
};

using Places = std::vector<std::uint64_t>;

Places walk(const HistoryReader& reader, const std::vector<Stream>& streams, HistoryOrder order,
            Sequence from = {}) {
  Places places;
  HistoryWalk all(reader, streams, order, from);
  while (const auto entry = all.next()) places.push_back(entry->sequence.value());
  return places;
}

Places forwards(const HistoryReader& reader, const std::vector<Stream>& streams) {
  return walk(reader, streams, HistoryOrder::oldest_first);
}

/// The devices that the event says something of, by the names of its fields.
std::set<DeviceId> devices_of(const Event& event) {
  std::set<DeviceId> devices;
  const Subject subject = subject_of(event);
  if (subject.kind == EntityKind::device) devices.insert(DeviceId{subject.id});
  if (const auto* skipped = std::get_if<ActionSkipped>(&event)) {
    devices.insert(skipped->devices.begin(), skipped->devices.end());
  }
  return devices;
}

/// By device: the sequences, and the fleet in which each happened, as the state says after it.
std::map<DeviceId, std::vector<std::pair<std::uint64_t, FleetId>>> naive(const History& history) {
  std::map<DeviceId, std::vector<std::pair<std::uint64_t, FleetId>>> places;
  State state;
  for (const Recorded& recorded : history.events()) {
    evolve(state, recorded);
    for (const DeviceId id : devices_of(recorded.event)) {
      places[id].emplace_back(recorded.sequence.value(), state.find(id)->fleet);
    }
  }
  return places;
}

}  // namespace

TEST_CASE("history: the rows are the same however the events are cut, and whoever goes on") {
  const History history = long_history(5, 300);
  const auto rows_after_cuts = [&](const std::vector<std::size_t>& cuts) {
    const TemporaryFolder folder;
    const auto store = ViewStore::open(folder.path(), Uuid{}).value();
    REQUIRE(store->prepare(history_view, HistoryView().version()).has_value());
    auto view = std::make_unique<HistoryView>();
    std::size_t cut = 0;
    for (std::size_t at = 0; at < history.events().size();) {
      const std::size_t wanted = cuts.empty() ? history.events().size() : cuts[cut % cuts.size()];
      const std::size_t end = std::min(at + 1 + wanted % 40, history.events().size());
      std::vector<std::unique_ptr<StoreBatch>> batch;
      batch.push_back(std::make_unique<StoreBatch>(*store, history_view));
      for (; at < end; ++at) view->apply(*batch.front(), history.events()[at]);
      view->finish(*batch.front());
      batch.front()->reach(Sequence{at});
      store->commit(batch);
      if (wanted % 3 == 0) view = std::make_unique<HistoryView>();  // As after a restart.
      ++cut;
    }
    std::map<std::string, std::string> rows;
    ViewSnapshot(*store).scan_all(history_view, [&](std::string_view key, std::string_view value) {
      rows.emplace(key, value);
      return true;
    });
    return rows;
  };
  const auto whole = rows_after_cuts({});
  REQUIRE(whole.size() > 100);
  CHECK(rc::check("cuts change nothing", [&](const std::vector<std::size_t>& cuts) {
    RC_ASSERT(rows_after_cuts(cuts) == whole);
  }));
}

TEST_CASE("history: a device's stream has every event of it, with the fleet it was in by then") {
  CHECK(rc::check("streams equal the log", [](const std::vector<std::uint64_t>& choices) {
    const History history = history_of(choices);
    const Folded folded(history);
    for (const auto& [device, wanted] : naive(history)) {
      std::vector<std::pair<std::uint64_t, FleetId>> found;
      folded.reader->each(stream_of(device), {}, [&](const HistoryEntry& entry) {
        found.emplace_back(entry.sequence.value(), entry.fleet);
        const Recorded& recorded = history.events()[entry.sequence.value() - 1];
        RC_ASSERT(entry.kind == name_of(recorded.event));
        RC_ASSERT(entry.actor == recorded.meta.actor.user);
        return true;
      });
      RC_ASSERT(found == wanted);
    }
  }));
}

TEST_CASE(
    "history: a walk through several streams meets each event once, both ways, from anywhere") {
  const History history = long_history(11, 2'000);
  const Folded folded(history);
  const HistoryReader& reader = *folded.reader;
  const std::vector<Stream> streams{stream_of(FleetId{1}), crew_of(FleetId{1}),
                                    deeds_of(UserId{1})};
  Places all = forwards(reader, streams);
  REQUIRE(all.size() == history.events().size());  // User 1 did it all.
  for (std::size_t i = 0; i < all.size(); ++i) REQUIRE(all[i] == i + 1);
  Places back = walk(reader, streams, HistoryOrder::newest_first);
  std::ranges::reverse(back);
  CHECK(back == all);
  const Places crew = forwards(reader, {crew_of(FleetId{1})});
  REQUIRE(crew.size() > 200);  // More than is read ahead at a time.
  const std::size_t middle = crew.size() / 2;
  CHECK(walk(reader, {crew_of(FleetId{1})}, HistoryOrder::oldest_first, Sequence{crew[middle]}) ==
        Places(crew.begin() + static_cast<std::ptrdiff_t>(middle), crew.end()));
  Places before =
      walk(reader, {crew_of(FleetId{1})}, HistoryOrder::newest_first, Sequence{crew[middle]});
  std::ranges::reverse(before);
  CHECK(before == Places(crew.begin(), crew.begin() + static_cast<std::ptrdiff_t>(middle) + 1));
}

TEST_CASE(
    "history: a move is of the device and of both fleets, a pin of the device and its fleet") {
  History history;
  const auto record = [&](Event event) {
    history.record({std::move(event)});
    return history.events().back().sequence.value();
  };
  const auto created = record(FleetCreated{FleetId{2}, Uuid{}, OrganisationId{1}, "f2", "acme/f2",
                                           DeviceTypeId{1}, FleetType::microservices});
  const auto release = record(
      ReleaseCreated{ReleaseId{1}, FleetId{1}, "c0", "1.0.0", 1, ReleaseStatus::success, "", ""});
  const auto joined =
      record(DeviceRegistered{DeviceId{1}, Uuid{}, FleetId{1}, DeviceTypeId{1}, "d"});
  const auto booted = record(DeviceBooted{DeviceId{1}, "b1"});
  const auto pinned = record(DevicePinned{DeviceId{1}, ReleaseId{1}, std::nullopt});
  const auto moved = record(DeviceMoved{DeviceId{1}, FleetId{1}, FleetId{2}, {}, ReleaseId{1}, {}});
  const auto member = record(FleetMemberSet{FleetId{2}, UserId{1}, Role::observer});
  const Folded folded(history);
  const HistoryReader& reader = *folded.reader;
  CHECK(forwards(reader, {stream_of(DeviceId{1})}) == Places{joined, booted, pinned, moved});
  CHECK(forwards(reader, {crew_of(FleetId{1})}) == Places{joined, pinned, moved});
  CHECK(forwards(reader, {crew_of(FleetId{2})}) == Places{moved});
  CHECK(forwards(reader, {stream_of(FleetId{2})}) == Places{created, member});
  CHECK(forwards(reader, {stream_of(FleetId{1})}).back() == release);
  CHECK(forwards(reader, {stream_of(OrganisationId{1})}).back() == created);
  CHECK(forwards(reader, {stream_of(UserId{1})}).back() == member);
  CHECK(reader.find(crew_of(FleetId{1}), Sequence{moved})->fleet == FleetId{1});
  CHECK(reader.find(stream_of(DeviceId{1}), Sequence{moved})->fleet == FleetId{2});
  CHECK_FALSE(reader.find(crew_of(FleetId{2}), Sequence{pinned}).has_value());
}

TEST_CASE("history: a slug leads to all fleets that had it, a uuid to all its lives") {
  History history;
  const auto fleet = [&](std::uint32_t id, const std::string& slug) {
    history.record({FleetCreated{FleetId{id}, Uuid{}, OrganisationId{1}, "f", slug, DeviceTypeId{1},
                                 FleetType::microservices}});
  };
  const auto uuid = parse_uuid("abcdef00000000000000000000000001").value();
  fleet(2, "acme/one");
  history.record({FleetRenamed{FleetId{2}, "two", "acme/two", "acme/one"}});
  fleet(3, "acme/one");
  fleet(4, "acme/ones");
  history.record({DeviceRegistered{DeviceId{1}, uuid, FleetId{2}, DeviceTypeId{1}, "d"}});
  history.record({DeviceDeleted{DeviceId{1}, std::nullopt}});
  history.record({DeviceRegistered{DeviceId{2}, uuid, FleetId{3}, DeviceTypeId{1}, "d"}});
  const Folded folded(history);
  using Fleets = std::vector<FleetId>;
  CHECK(folded.reader->fleets_called("acme/one") == Fleets{FleetId{3}, FleetId{2}});
  CHECK(folded.reader->fleets_called("acme/two") == Fleets{FleetId{2}});
  CHECK(folded.reader->fleets_called("acme/on").empty());
  std::string lives;
  const auto note = [&](const Uuid&, DeviceId id) {
    lives += fmt::format("{} ", id.value());
    return true;
  };
  folded.reader->each_life_with("abcdef0", note);
  CHECK(lives == "1 2 ");
  folded.reader->each_life_with("abcdef1", note);
  CHECK(lives == "1 2 ");
}

TEST_CASE("history: a time leads to the last event that was there by then") {
  const History history = long_history(3, 50);
  const Folded folded(history);
  const HistoryReader& reader = *folded.reader;
  for (const Recorded& recorded : history.events()) {
    if (recorded.meta.index != 0) continue;  // The events of a command have one time.
    const Sequence end{recorded.sequence.value() + recorded.meta.count - 1};
    REQUIRE(reader.last_at(recorded.meta.at) == end);
    REQUIRE(reader.last_at(recorded.meta.at + std::chrono::microseconds{1}) == end);
    REQUIRE(reader.last_at(recorded.meta.at - std::chrono::microseconds{1}) ==
            Sequence{recorded.sequence.value() - 1});
  }
  CHECK(reader.last_at(Timestamp{}) == Sequence{});
  CHECK(reader.last_at(Timestamp{} - std::chrono::hours{1}) == Sequence{});
}
