#pragma once

#include <compare>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "broker-bridge/channel/payload.h"
#include "core/domain/entities.h"
#include "core/domain/target.h"
#include "projections/reader.h"

namespace muster {

/// A device with its target, as of one moment.
struct TargetedDevice {
  Device device;
  const Fleet* fleet = nullptr;  // Both this and what `target` points at: of a TargetMessages.
  Target target;
};

/// Makes the target messages of many devices. What devices of a fleet share is read once for each
/// position of the log, and written once: thousands of them are told the same bytes. Owned by the
/// bridge's thread.
class TargetMessages {
 public:
  explicit TargetMessages(LogIdentity identity) : identity_(std::move(identity)) {}

  /// Reads from `reader` from now on; it must outlive the calls until the next one of this.
  void read_from(const Reader& reader);

  /// What it reads from.
  [[nodiscard]] const Reader& reader() const { return *reader_; }

  /// nullopt if there is no such device. Good until the next `read_from`.
  [[nodiscard]] std::optional<TargetedDevice> find(DeviceId id);

  /// Those of many devices, in their order: read in one pass.
  [[nodiscard]] std::vector<std::optional<TargetedDevice>> find_all(std::span<const DeviceId> ids);

  /// The same bytes as target_payload in the form the device asked for.
  [[nodiscard]] const std::string& payload(const TargetedDevice& targeted);

 private:
  /// All that the bytes depend on: any change of fleet, release or device that they show moves
  /// `changed`.
  struct Key {
    FleetId fleet;
    ReleaseId release;  // 0: none.
    Sequence changed;
    Sequence after_action;
    bool pinned = false;
    DeviceSettings settings;
    Encoding encoding = Encoding::json;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  [[nodiscard]] std::optional<TargetedDevice> with_target(std::optional<Device> device);
  const Fleet* fleet(FleetId id);
  const Release* release(ReleaseId id);

  LogIdentity identity_;
  const Reader* reader_ = nullptr;
  Sequence position_;  // Of the reader that the rows below are from.
  std::unordered_map<FleetId, std::optional<Fleet>> fleets_;
  std::unordered_map<ReleaseId, std::optional<Release>> releases_;
  std::map<Key, std::string> payloads_;
};

}  // namespace muster
