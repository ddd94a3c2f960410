#pragma once

#include <cstdint>
#include <string_view>

#include "core/base/error.h"
#include "core/domain/ids.h"
#include "projections/projection.h"

namespace muster {

/// Which keys of a device a broker may let in.
struct DeviceKeys {
  Sequence newest;   // Generation of the newest one.
  Sequence minimum;  // Those of an older generation are refused.

  /// As the minimum: none is good.
  static constexpr Sequence none_good{UINT64_MAX};

  friend bool operator==(const DeviceKeys&, const DeviceKeys&) = default;
};

/// The devices that got another key than their first, or lost all of them: all a broker must be
/// told about keys, so that telling it costs as much as there were rotations and deletions, not
/// devices.
class DeviceKeysView final : public Projection {
 public:
  [[nodiscard]] std::string_view name() const override;
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  void apply(ViewBatch& batch, const Recorded& recorded) override;
  void finish(ViewBatch& batch) override;
};

/// What the view stores of a device. Errors: corrupt.
[[nodiscard]] Result<DeviceKeys> decode_device_keys(std::string_view bytes);

}  // namespace muster
