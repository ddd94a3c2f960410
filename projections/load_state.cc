#include "projections/load_state.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "core/base/endian.h"
#include "projections/key_layout.h"
#include "projections/row_codec.h"
#include "projections/view_store.h"

namespace muster {
namespace {

/// Adds all rows of one type to `state`. A gap in their ids is damage too.
template <typename Row>
Result<void> load(const ViewSnapshot& snapshot, State& state) {
  std::uint32_t expected = 1;
  Result<void> result;
  const auto add = [&](std::string_view key, std::string_view value) {
    auto row = decode_row<Row>(value);
    if (!row || row->id.value() != expected) {
      result = fail(ErrorCode::corrupt,
                    fmt::format("row {} at key {:#04x} of the registry is damaged or missing; "
                                "start again: the views are then made anew from the log",
                                expected, static_cast<unsigned>(key.front())));
      return false;
    }
    state.add(std::move(*row));
    ++expected;
    return true;
  };
  snapshot.scan(registry_view, {.prefix = key_of(row_key<Row>)}, add);
  return result;
}

DeviceQueue& row_in(State& state, DeviceId id) { return state.queue_of(id); }
FleetActions& row_in(State& state, FleetId id) { return state.actions_of(id); }
ActionGroup& row_in(State& state, Sequence id) { return state.action_group(id); }

/// The same for rows that not every entity has.
template <typename Row>
Result<void> load_some(const ViewSnapshot& snapshot, State& state) {
  Result<void> result;
  const auto add = [&](std::string_view key, std::string_view value) {
    auto row = decode_row<Row>(value);
    if (!row || row->id != id_at_end<decltype(Row::id)>(key)) {
      result = fail(ErrorCode::corrupt,
                    fmt::format("a row at key {:#04x} of the registry is damaged; start again: "
                                "the views are then made anew from the log",
                                static_cast<unsigned>(key.front())));
      return false;
    }
    row_in(state, row->id) = std::move(*row);
    return true;
  };
  snapshot.scan(registry_view, {.prefix = key_of(row_key<Row>)}, add);
  return result;
}

Timestamp last_event_of(const ViewSnapshot& snapshot) {
  const auto bytes = snapshot.get(registry_view, key_of(RegistryKey::last_event));
  if (!bytes || bytes->size() != sizeof(std::uint64_t)) return {};
  const auto ticks = static_cast<std::int64_t>(read_big_endian<std::uint64_t>(*bytes));
  return Timestamp{Timestamp::duration{ticks}};
}

}  // namespace

Result<LoadedState> load_state(const ViewStore& store) {
  const ViewSnapshot snapshot(store);
  LoadedState loaded;
  // Fleets before their releases: State keeps the releases by fleet.
  auto result = load<DeviceType>(snapshot, loaded.state)
                    .and_then([&] { return load<Organisation>(snapshot, loaded.state); })
                    .and_then([&] { return load<User>(snapshot, loaded.state); })
                    .and_then([&] { return load<Token>(snapshot, loaded.state); })
                    .and_then([&] { return load<Fleet>(snapshot, loaded.state); })
                    .and_then([&] { return load<Release>(snapshot, loaded.state); })
                    .and_then([&] { return load<Device>(snapshot, loaded.state); })
                    .and_then([&] { return load<ProvisioningKey>(snapshot, loaded.state); })
                    .and_then([&] { return load<SavedView>(snapshot, loaded.state); })
                    .and_then([&] { return load_some<DeviceQueue>(snapshot, loaded.state); })
                    .and_then([&] { return load_some<FleetActions>(snapshot, loaded.state); })
                    .and_then([&] { return load_some<ActionGroup>(snapshot, loaded.state); });
  if (!result) {
    store.mark_damaged();
    return tl::unexpected(std::move(result).error());
  }
  loaded.position = snapshot.position(registry_view);
  loaded.last_event = last_event_of(snapshot);
  return loaded;
}

}  // namespace muster
