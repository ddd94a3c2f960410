#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/error.h"
#include "core/log/event_log.h"

namespace muster {

// The bytes around an event: `format | flags | length | crc32c | body`, see docs/log-format.md.

inline constexpr std::size_t record_header_size = 8;
inline constexpr std::size_t record_body_size_max = record_size_max - record_header_size;

/// The record with `body`, which must be neither empty nor longer than record_body_size_max.
[[nodiscard]] Record make_record(std::string_view body);

/// The body of `record`, whose length and checksum are right.
/// Errors: corrupt; incompatible if it was written by a newer Muster.
[[nodiscard]] Result<std::string_view> check_record(std::string_view record);

}  // namespace muster
