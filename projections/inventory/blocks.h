#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/uuid.h"
#include "core/domain/entities.h"
#include "projections/inventory/keys.h"

namespace muster {

// What stands in the blocks of the inventory. Each has a stored form: `encode`, and `decode`,
// which gives nullopt for damage. An empty block is not stored.

/// Which of 1,024 devices a term is true of. Few are stored as a list, many as bits.
struct DeviceChunk {
  std::array<std::uint64_t, devices_per_chunk / 64> words{};

  void set(std::uint32_t device, bool member);
  [[nodiscard]] bool empty() const;
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<DeviceChunk> decode(std::string_view bytes);
};

/// Seconds since 1970, of 64 devices.
struct TimeBlock {
  std::array<std::uint32_t, devices_per_group> seconds{};

  [[nodiscard]] static bool empty() { return false; }
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<TimeBlock> decode(std::string_view bytes);
};

struct UuidBlock {
  std::array<Uuid, devices_per_group> uuids{};

  [[nodiscard]] static bool empty() { return false; }
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<UuidBlock> decode(std::string_view bytes);
};

struct NameBlock {
  std::array<std::string, devices_per_group> names;

  [[nodiscard]] static bool empty() { return false; }
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<NameBlock> decode(std::string_view bytes);
};

/// What a device's terms say of it, for taking them back.
struct DeviceFacts {
  std::string running;
  std::string os;
  std::string agent;
  OsVariant os_variant = OsVariant::unknown;
  std::vector<Tag> tags;

  [[nodiscard]] static bool empty() { return false; }
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static std::optional<DeviceFacts> decode(std::string_view bytes);
};

/// Reads the texts that blocks are made of: two bytes of length, then the text.
class TextReader {
 public:
  explicit TextReader(std::string_view bytes) : rest_(bytes) {}

  /// The next text, within the bytes given; empty, and not good any more, if there is none.
  std::string_view next();

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool at_end() const noexcept { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace muster
