#include "core/log/record/record_frame.h"

#include <fmt/format.h>

#include <cstdint>

#include "core/base/assert.h"
#include "core/base/endian.h"
#include "core/log/record/crc32c.h"

namespace muster {
namespace {

constexpr std::uint8_t current_format = 1;
constexpr std::size_t length_at = 2;
constexpr std::size_t crc_at = 4;

std::uint32_t checksum_of(std::string_view record) {
  return crc32c(record.substr(record_header_size), crc32c(record.substr(0, crc_at)));
}

}  // namespace

Record make_record(std::string_view body) {
  MUSTER_ASSERT(!body.empty(), "a record has a body");
  MUSTER_ASSERT(body.size() <= record_body_size_max, "the body fits a record");
  Record record;
  record.reserve(record_header_size + body.size());
  record.push_back(static_cast<char>(current_format));
  record.push_back(0);
  append_big_endian(record, static_cast<std::uint16_t>(record_header_size + body.size()));
  append_big_endian(record, crc32c(body, crc32c(record)));
  record.append(body);
  return record;
}

Result<std::string_view> check_record(std::string_view record) {
  if (record.size() <= record_header_size || record.size() > record_size_max) {
    return fail(ErrorCode::corrupt, fmt::format("a record of {} bytes", record.size()));
  }
  const auto length = read_big_endian<std::uint16_t>(record.substr(length_at));
  if (length != record.size()) {
    return fail(ErrorCode::corrupt,
                fmt::format("the record says {} bytes and has {}", length, record.size()));
  }
  if (read_big_endian<std::uint32_t>(record.substr(crc_at)) != checksum_of(record)) {
    return fail(ErrorCode::corrupt, "the record's checksum is wrong");
  }
  const auto format = static_cast<std::uint8_t>(record[0]);
  const auto flags = static_cast<std::uint8_t>(record[1]);
  if (format == 0) {
    return fail(ErrorCode::corrupt, "the record has format 0");
  }
  if (format != current_format || flags != 0) {
    return fail(ErrorCode::incompatible,
                fmt::format("the record has format {} and flags {}, this Muster reads format {}: "
                            "a newer one wrote it, use that one",
                            format, flags, current_format));
  }
  return record.substr(record_header_size);
}

}  // namespace muster
