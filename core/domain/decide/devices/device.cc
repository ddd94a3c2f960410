#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "core/base/assert.h"
#include "core/domain/decide/context.h"
#include "core/domain/decide/devices/selection.h"
#include "core/domain/decide/names.h"
#include "core/domain/lifecycle/lives.h"
#include "core/domain/target.h"

namespace muster {
namespace {

constexpr std::size_t tags_max = 100;
constexpr std::size_t tag_value_size_max = 255;
constexpr std::size_t default_name_length = 7;

tl::unexpected<Rejection> several_fleets(const State& state,
                                         const std::vector<const Device*>& devices) {
  Rejection rejection{.code = RejectionCode::several_fleets,
                      .entity = fmt::format("{} devices", devices.size()),
                      .rule = "one release fits one fleet; the selection has devices of several",
                      .remedy = "pin the devices of each fleet with a command of their own"};
  for (const Device* device : devices) {
    const std::string& slug = state.find(device->fleet)->slug;
    if (std::ranges::find(rejection.candidates, slug) == rejection.candidates.end()) {
      rejection.candidates.push_back(slug);
    }
  }
  return tl::unexpected(std::move(rejection));
}

tl::expected<const DeviceType*, Rejection> type_for(const Context& context, const Fleet& fleet,
                                                    const std::string& slug) {
  const DeviceType* own = context.state.find(fleet.device_type);
  if (slug.empty()) return own;
  const DeviceType* type = context.state.find_device_type(slug);
  if (type == nullptr) {
    return reject(RejectionCode::unknown_device_type, fmt::format("device type {}", slug),
                  "there is no such device type", "`muster device-type list` shows all");
  }
  if (type->architecture != own->architecture) {
    return reject(RejectionCode::incompatible_architecture, fmt::format("device type {}", slug),
                  fmt::format("it is {}, and fleet {} is of {} ({})", type->architecture,
                              fleet.slug, own->slug, own->architecture),
                  "register it with a fleet of its architecture");
  }
  return type;
}

/// The fleet that a device is to join: one its registrar operates, or that of the provisioning
/// key with which it registers itself.
Found<Fleet> fleet_to_join(const Context& context, const RegisterDevice& command) {
  if (!command.provisioning_key) {
    return find_fleet(context, command.fleet, Role::fleet_operator);
  }
  const ProvisioningKey* key = context.state.find(*command.provisioning_key);
  MUSTER_ASSERT(key != nullptr, "a provisioning key that a request was let in with exists");
  const auto alive = check_alive(*key, context.now);
  if (!alive) return tl::unexpected(alive.error());
  const Fleet* fleet = context.state.find(key->fleet);
  if (fleet->is_deleted()) {
    return reject(RejectionCode::provisioning_key_revoked,
                  fmt::format("provisioning key {}", key->name), "its fleet was deleted",
                  "ask an operator of another fleet for a key of that one");
  }
  if (key->used >= key->uses) {
    return reject(RejectionCode::provisioning_key_exhausted,
                  fmt::format("provisioning key {}", key->name),
                  fmt::format("all {} devices it was made for have registered", key->uses),
                  "ask an operator of the fleet for a new one");
  }
  return fleet;
}

/// Refuses a command that names a key more than once: which of the two is meant?
tl::expected<void, Rejection> check_keys_once(const TagDevice& command) {
  std::unordered_set<std::string_view> keys;
  const auto repeated = [&](std::string_view key) { return !keys.insert(key).second; };
  auto twice = [](const std::string& key) {
    return reject(RejectionCode::invalid_field, fmt::format("tag `{}`", key),
                  "a command names each key once, to set or to remove it", "name it once");
  };
  for (const Tag& tag : command.set) {
    if (repeated(tag.key)) return twice(tag.key);
  }
  for (const std::string& key : command.remove) {
    if (repeated(key)) return twice(key);
  }
  return {};
}

/// How many tags the device would have; each key is in the command once.
std::size_t tags_after(const Device& device, const TagDevice& command) {
  const auto has = [&](const std::string& key) {
    return std::ranges::find(device.tags, key, &Tag::key) != device.tags.end();
  };
  const auto added = std::ranges::count_if(command.set, [&](const Tag& t) { return !has(t.key); });
  const auto removed = std::ranges::count_if(command.remove, has);
  return device.tags.size() + static_cast<std::size_t>(added) - static_cast<std::size_t>(removed);
}

tl::expected<void, Rejection> check_tags(const Device& device, const TagDevice& command) {
  for (const Tag& tag : command.set) {
    if (!is_tag_key(tag.key) || tag.value.size() > tag_value_size_max) {
      return reject(
          RejectionCode::invalid_field, fmt::format("tag `{}`", tag.key),
          fmt::format("a key is {}, a value at most {} bytes", tag_key_rule, tag_value_size_max),
          "shorten it or choose another key");
    }
  }
  auto once = check_keys_once(command);
  if (!once) return once;
  if (tags_after(device, command) > tags_max) {
    return reject(RejectionCode::invalid_field, entity_of(device),
                  fmt::format("a device has at most {} tags", tags_max), "remove some first");
  }
  return {};
}

/// How many more devices of each fleet have a pin of their own after a command.
using PinsMoved = std::map<FleetId, int>;

/// A deactivated device counts in no fleet.
int counted(const Device& device) { return device.lifecycle == Lifecycle::active ? 1 : 0; }

/// How those fleets, taken together, are then.
Reach reach_after(const State& state, const PinsMoved& moved) {
  Reach reach;
  for (const auto& [id, pins] : moved) {
    const Fleet& fleet = *state.find(id);
    const std::uint32_t pinned = fleet.pinned_devices + static_cast<std::uint32_t>(pins);
    reach.pinned += pinned;
    reach.following += fleet.devices - pinned;
  }
  return reach;
}

/// True if no other device may have its uuid.
bool lives(const State& state, const Device& device) {
  const Lifecycle lifecycle = lifecycle_of(device, *state.find(device.fleet));
  return lifecycle == Lifecycle::active || lifecycle == Lifecycle::deactivated;
}

std::optional<DeviceId> id_of(const Device* device) {
  return device == nullptr ? std::nullopt : std::optional(device->id);
}

tl::unexpected<Rejection> invalid_device_name(const std::string& name) {
  return reject(RejectionCode::invalid_name, fmt::format("device `{}`", name),
                fmt::format("its name must be {}", name_rule), "choose another name");
}

/// An override of update locks is for the target of then, and over once that is done.
bool ends_override(const State& state, const Device& device, Sequence target_done) {
  const bool may_end =
      device.has(DeviceFlag::lock_override) && !device.has(DeviceFlag::keep_override);
  if (!may_end) return false;
  const Fleet& fleet = *state.find(device.fleet);
  const auto wanted = target_release(device, fleet);
  const Target target = target_of(device, fleet, wanted ? state.find(*wanted) : nullptr);
  return target.changed.sequence == target_done;
}

tl::expected<void, Rejection> check_report(const ReportDevice& report) {
  constexpr std::size_t text_size_max = 64;
  const bool running_ok =
      !report.running_commit || report.running_commit->empty() || is_commit(*report.running_commit);
  const bool boot_ok = !report.boot || report.boot->size() <= text_size_max;
  const bool software_ok =
      !report.software || (report.software->os_version.size() <= text_size_max &&
                           report.software->agent_version.size() <= text_size_max);
  if (running_ok && boot_ok && software_ok) return {};
  return reject(RejectionCode::invalid_field,
                fmt::format("report of device {}", to_string(report.device)),
                fmt::format("a running release is {}, a version or boot id at most {} bytes",
                            commit_rule, text_size_max),
                "correct the device's agent");
}

}  // namespace

Decision decide_one(const Context& context, const RegisterDevice& command) {
  const auto fleet = fleet_to_join(context, command);
  if (!fleet) return tl::unexpected(fleet.error());
  const auto type = type_for(context, **fleet, command.device_type);
  if (!type) return tl::unexpected(type.error());
  const std::string uuid = to_string(command.uuid);
  const std::string name =
      command.name.empty() ? uuid.substr(0, default_name_length) : command.name;
  if (!is_name(name)) return invalid_device_name(name);
  const Device* holder = context.state.find_device(command.uuid);
  if (holder != nullptr && lives(context.state, *holder)) {
    return reject(RejectionCode::uuid_taken, fmt::format("device {}", uuid),
                  "a device of this uuid is registered already",
                  "leave the uuid out to get a new one");
  }
  return std::vector<Event>{DeviceRegistered{.id = context.state.next_device(),
                                             .uuid = command.uuid,
                                             .fleet = (*fleet)->id,
                                             .device_type = (*type)->id,
                                             .name = name,
                                             .encoding = command.encoding,
                                             .provisioning_key = command.provisioning_key,
                                             .previous = id_of(holder)}};
}

Decision decide_one(const Context& context, const RenameDevice& command) {
  const auto device = find_one_device(context, command.device);
  if (!device) return tl::unexpected(device.error());
  if (!is_name(command.name)) return invalid_device_name(command.name);
  if ((*device)->name == command.name) return std::vector<Event>{};
  return std::vector<Event>{DeviceRenamed{.id = (*device)->id, .name = command.name}};
}

Decision decide_one(const Context& context, const NoteDevice& command) {
  const auto device = find_one_device(context, command.device);
  if (!device) return tl::unexpected(device.error());
  if (command.note.size() > note_size_max) {
    return reject(RejectionCode::invalid_field, entity_of(**device),
                  fmt::format("a note has at most {} bytes", note_size_max), "shorten it");
  }
  if ((*device)->note == command.note) return std::vector<Event>{};
  return std::vector<Event>{DeviceNoted{.id = (*device)->id, .note = command.note}};
}

Decision decide_one(const Context& context, const TagDevice& command) {
  const auto device = find_one_device(context, command.device);
  if (!device) return tl::unexpected(device.error());
  const auto valid = check_tags(**device, command);
  if (!valid) return tl::unexpected(valid.error());
  const auto& tags = (*device)->tags;
  DeviceTagged tagged{.id = (*device)->id, .set = {}, .removed = {}};
  for (const Tag& tag : command.set) {
    if (std::ranges::find(tags, tag) == tags.end()) tagged.set.push_back(tag);
  }
  for (const std::string& key : command.remove) {
    const bool present = std::ranges::find(tags, key, &Tag::key) != tags.end();
    if (present) tagged.removed.push_back(key);
  }
  if (tagged.set.empty() && tagged.removed.empty()) return std::vector<Event>{};
  return std::vector<Event>{std::move(tagged)};
}

Decision decide_one(const Context& context, const PinDevices& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  const Fleet& fleet = *context.state.find(devices->front()->fleet);
  const bool one_fleet = std::ranges::all_of(
      *devices, [&](const Device* device) { return device->fleet == fleet.id; });
  if (!one_fleet) return several_fleets(context.state, *devices);
  const auto release = find_release(context, fleet, command.release, ReleaseUse::pin);
  if (!release) return tl::unexpected(release.error());
  std::vector<Event> events;
  PinsMoved moved;
  for (const Device* device : *devices) {
    if (device->pin == (*release)->id) continue;
    moved[device->fleet] += device->pin ? 0 : counted(*device);
    events.emplace_back(
        DevicePinned{.id = device->id, .release = (*release)->id, .previous_pin = device->pin});
  }
  if (events.empty()) return events;
  std::get<DevicePinned>(events.back()).reach = reach_after(context.state, moved);
  return events;
}

Decision decide_one(const Context& context, const TrackFleet& command) {
  const auto devices = find_selection(context, command.devices, command.selected);
  if (!devices) return tl::unexpected(devices.error());
  std::vector<Event> events;
  PinsMoved moved;
  for (const Device* device : *devices) {
    if (!device->pin) continue;
    moved[device->fleet] -= counted(*device);
    events.emplace_back(DeviceTrackingFleet{.id = device->id, .previous_pin = *device->pin});
  }
  if (events.empty()) return events;
  std::get<DeviceTrackingFleet>(events.back()).reach = reach_after(context.state, moved);
  return events;
}

Decision decide_one(const Context& context, const ReportDevice& command) {
  if (context.asker.user != UserId{}) {
    return reject(RejectionCode::not_allowed, fmt::format("device {}", to_string(command.device)),
                  "reports come from the device itself", "connect the device");
  }
  const Device* device = context.state.find_device(command.device);
  if (device == nullptr || !lives(context.state, *device)) {
    return reject(RejectionCode::unknown_device,
                  fmt::format("device {}", to_string(command.device)),
                  "no such device is registered", "register it");
  }
  const auto valid = check_report(command);
  if (!valid) return tl::unexpected(valid.error());
  std::vector<Event> events;
  if (command.born && device->lifecycle == Lifecycle::deactivated) {
    events.emplace_back(DeviceReactivated{device->id});
  }
  if (command.software) {
    // What the device does not say now, it said before.
    ReportDevice::Software software = *command.software;
    if (software.os_version.empty()) software.os_version = device->os_version;
    if (software.os_variant == OsVariant::unknown) software.os_variant = device->os_variant;
    if (software.agent_version.empty()) software.agent_version = device->agent_version;
    const bool changed = device->os_version != software.os_version ||
                         device->os_variant != software.os_variant ||
                         device->agent_version != software.agent_version;
    if (changed) {
      events.emplace_back(DeviceSoftwareChanged{.id = device->id,
                                                .os_version = software.os_version,
                                                .os_variant = software.os_variant,
                                                .agent_version = software.agent_version});
    }
  }
  if (command.boot && device->boot != *command.boot) {
    events.emplace_back(DeviceBooted{.id = device->id, .boot = *command.boot});
  }
  if (command.running_commit && device->running_commit != *command.running_commit) {
    events.emplace_back(DeviceRunningChanged{.id = device->id, .commit = *command.running_commit});
  }
  if (command.encoding && device->encoding != *command.encoding) {
    events.emplace_back(DeviceEncodingChanged{.id = device->id, .encoding = *command.encoding});
  }
  if (command.target_done && ends_override(context.state, *device, *command.target_done)) {
    events.emplace_back(
        DeviceLockOverrideSet{.id = device->id, .target_done = *command.target_done});
  }
  return events;
}

}  // namespace muster
