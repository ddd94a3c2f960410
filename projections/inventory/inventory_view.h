#pragma once

#include <cstdint>
#include <string_view>

#include "projections/inventory/block_cache.h"
#include "projections/inventory/blocks.h"
#include "projections/projection.h"

namespace muster {

/// What lists of devices are filtered and sorted by, for any number of them (Inventory reads it):
/// for each term (a fleet, a tag, a running commit, …) which devices it is true of, as bits in
/// chunks of 1,024; and names, uuids and times as columns in groups of 64.
///
/// A pin writes a chunk of the release it leaves, one of that it goes to and a group of times: at
/// most 256 bytes each, and those of one batch only once. The target of a device is not stored: a
/// fleet's new target writes nothing here.
class InventoryView final : public Projection {
 public:
  InventoryView();

  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 2; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;

 private:
  void fold(ViewBatch& batch, const Recorded& recorded, const DeviceRegistered& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const DevicePinned& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const DeviceTrackingFleet& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const DeviceMoved& e);
  void fold(ViewBatch& batch, const Recorded& recorded, const DeviceRunningChanged& e);
  void fold(ViewBatch& batch, const DeviceRenamed& e);
  void fold(ViewBatch& batch, const DeviceTagged& e);
  void fold(ViewBatch& batch, const DeviceSoftwareChanged& e);
  void fold(ViewBatch& batch, const DeviceTypeChanged& e);
  void fold(ViewBatch& batch, const DeviceDeleted& e);
  static void fold(ViewBatch& batch, const ReleaseCreated& e);

  void mark(ViewBatch& batch, std::string term, DeviceId device, bool member);
  void move(ViewBatch& batch, InventoryKey kind, DeviceId device, std::string& from,
            const std::string& to);
  void live(ViewBatch& batch, DeviceId device, Lifecycle from, Lifecycle to);
  void untag(ViewBatch& batch, DeviceId device, DeviceFacts& facts, std::string_view key);
  DeviceFacts& facts_of(ViewBatch& batch, DeviceId device);
  void changed_at(ViewBatch& batch, DeviceId device, Timestamp at);

  BlockCache<DeviceChunk> chunks_;
  BlockCache<TimeBlock> times_;
  BlockCache<NameBlock> names_;
  BlockCache<UuidBlock> uuids_;
  BlockCache<DeviceFacts> facts_;
};

}  // namespace muster
