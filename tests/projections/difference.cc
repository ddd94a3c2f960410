#include "tests/projections/difference.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "projections/load_state.h"
#include "projections/reader.h"
#include "projections/row_codec.h"

namespace muster::test {
namespace {

template <typename Row>
bool same(const std::optional<Row>& stored, const Row* wanted) {
  if (!stored || wanted == nullptr) return !stored && wanted == nullptr;
  return encode_row(*stored) == encode_row(*wanted);
}

/// One row more than there are is asked for, too.
template <typename Id>
std::string rows_differ(const Reader& reader, const State& stored, const State& wanted, Id end) {
  for (std::uint32_t number = 1; number <= end.value(); ++number) {
    const Id id{number};
    const auto* row = stored.find(id);
    const bool loaded =
        row == nullptr ? wanted.find(id) == nullptr : same(std::optional(*row), wanted.find(id));
    if (!loaded) return fmt::format("loaded row {} of {}", number, typeid(Id).name());
    if (!same(reader.find(id), wanted.find(id))) {
      return fmt::format("read row {} of {}", number, typeid(Id).name());
    }
  }
  return {};
}

std::string lookups_differ(const Reader& reader, const State& state) {
  for (const Fleet& fleet : state.fleets()) {
    if (!same(reader.find_fleet(fleet.slug), state.find_fleet(fleet.slug))) return "fleet by slug";
  }
  for (const Device& device : state.devices()) {
    if (!same(reader.find_device(device.uuid), state.find_device(device.uuid))) {
      return "device by uuid";
    }
  }
  for (std::uint32_t id = 1; id < state.next_token().value(); ++id) {
    const Token* token = state.find(TokenId{id});
    if (!same(reader.find_token(token->secret_hash), token)) return "token by secret hash";
  }
  for (std::uint32_t id = 1; id < state.next_provisioning_key().value(); ++id) {
    const ProvisioningKey* key = state.find(ProvisioningKeyId{id});
    if (!same(reader.find_provisioning_key(key->secret_hash), key)) return "provisioning key";
  }
  for (std::uint32_t id = 1; id < state.next_user().value(); ++id) {
    const User* user = state.find(UserId{id});
    if (!same(reader.find_user(user->username), user)) return "user by name";
  }
  return same(reader.find_device_type("none"), state.find_device_type("none")) ? "" : "nothing";
}

/// Queues and fleet-wide actions; those there are none of are asked for, too.
std::string actions_differ(const Reader& reader, const State& stored, const State& wanted) {
  for (const Device& device : wanted.devices()) {
    const auto* queue = wanted.open_actions().find_queue(device.id);
    const auto* loaded = stored.open_actions().find_queue(device.id);
    const bool read = same(reader.find_queue(device.id), queue);
    const bool kept = loaded == nullptr ? queue == nullptr : same(std::optional(*loaded), queue);
    if (!read || !kept) return fmt::format("queue of device {}", device.id.value());
  }
  for (const Fleet& fleet : wanted.fleets()) {
    const auto* actions = wanted.open_actions().find_actions(fleet.id);
    const auto* loaded = stored.open_actions().find_actions(fleet.id);
    const bool read = same(reader.find_actions(fleet.id), actions);
    const bool kept =
        loaded == nullptr ? actions == nullptr : same(std::optional(*loaded), actions);
    if (!read || !kept) return "actions of " + fleet.slug;
  }
  return {};
}

using Ids = std::vector<std::uint32_t>;

Ids releases_of(const State& state, FleetId fleet) {
  Ids ids;
  for (const ReleaseId id : state.releases_of(fleet)) {
    if (!state.find(id)->deleted) ids.push_back(id.value());
  }
  std::ranges::reverse(ids);
  return ids;
}

using Listed = std::vector<std::pair<DeviceId, bool>>;

Listed devices_in(const State& state, FleetId fleet, Lifecycle lifecycle) {
  Listed devices;
  for (const Device& device : state.devices()) {
    const bool listed = device.fleet == fleet && device.lifecycle == lifecycle;
    if (listed) devices.emplace_back(device.id, device.pin.has_value());
  }
  return devices;
}

std::string fleet_lists_differ(const Reader& reader, const State& state) {
  for (const Fleet& fleet : state.fleets()) {
    Ids releases;
    for (const Release& release : reader.releases_of(fleet.id)) {
      releases.push_back(release.id.value());
    }
    if (releases != releases_of(state, fleet.id)) return "releases of " + fleet.slug;
    Listed devices;
    const auto add = [&](DeviceId id, bool pinned) {
      devices.emplace_back(id, pinned);
      return true;
    };
    reader.each_device_of(fleet.id, {}, add);
    if (devices != devices_in(state, fleet.id, Lifecycle::active)) {
      return "devices of " + fleet.slug;
    }
    devices.clear();
    reader.each_resting_device_of(fleet.id, add);
    if (devices != devices_in(state, fleet.id, Lifecycle::deactivated)) {
      return "deactivated devices of " + fleet.slug;
    }
  }
  return {};
}

std::string pins_differ(const Reader& reader, const State& state) {
  for (const Release& release : state.releases()) {
    std::vector<DeviceId> pinned;
    std::vector<DeviceId> wanted;
    std::uint32_t targeting = 0;
    reader.each_device_pinned_to(release.id, [&](DeviceId id) {
      pinned.push_back(id);
      return true;
    });
    for (const Device& device : state.devices()) {
      if (device.pin == release.id) wanted.push_back(device.id);
      const bool follows = device.lifecycle == Lifecycle::active && !device.pin &&
                           state.find(device.fleet)->target == release.id;
      if (follows || device.pin == release.id) ++targeting;
    }
    if (pinned != wanted) return fmt::format("devices pinned to {}", release.id.value());
    if (reader.devices_targeting(release) != targeting) {
      return fmt::format("count of devices targeting {}", release.id.value());
    }
  }
  return {};
}

std::string device_keys_differ(const Reader& reader, const State& state) {
  for (const Device& device : state.devices()) {
    const auto keys = reader.new_keys_of(device.id);
    const bool rotated = device.key_minimum != device.key_generation;
    if (!keys && rotated) return fmt::format("keys of device {} are not there", device.id.value());
    if (!keys || keys->minimum == DeviceKeys::none_good) continue;
    // Before any was retired, none is refused.
    const bool same_minimum = keys->minimum == device.key_minimum || keys->minimum == Sequence{};
    if (!same_minimum || keys->newest != device.key_generation) {
      return fmt::format("keys of device {}", device.id.value());
    }
  }
  std::size_t listed = 0;
  reader.each_device_with_new_keys([&](DeviceId id, const DeviceKeys& keys) {
    listed += reader.new_keys_of(id) == keys ? 1 : 0;
    return true;
  });
  std::size_t known = 0;
  for (const Device& device : state.devices()) known += reader.new_keys_of(device.id) ? 1 : 0;
  return listed == known ? "" : "list of device keys";
}

}  // namespace

std::string difference(const ViewStore& store, const State& state) {
  const auto loaded = load_state(store);
  if (!loaded) return loaded.error().message;
  const Reader reader(store);
  const State& stored = loaded->state;
  for (const auto& found : {rows_differ(reader, stored, state, state.next_device_type()),
                            rows_differ(reader, stored, state, state.next_organisation()),
                            rows_differ(reader, stored, state, state.next_user()),
                            rows_differ(reader, stored, state, state.next_token()),
                            rows_differ(reader, stored, state, state.next_fleet()),
                            rows_differ(reader, stored, state, state.next_release()),
                            rows_differ(reader, stored, state, state.next_device()),
                            rows_differ(reader, stored, state, state.next_provisioning_key()),
                            rows_differ(reader, stored, state, state.next_saved_view()),
                            actions_differ(reader, stored, state), lookups_differ(reader, state),
                            fleet_lists_differ(reader, state), pins_differ(reader, state),
                            device_keys_differ(reader, state)}) {
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace muster::test
