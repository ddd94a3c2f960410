// Records that are not what the codec wrote: behind a right checksum, anything may stand.
#include <doctest/doctest.h>

#include <random>
#include <string>

#include "core/base/digest.h"
#include "core/base/endian.h"
#include "core/log/record/crc32c.h"
#include "core/log/record/record_frame.h"
#include "core/log/record_codec.h"
#include "schemas/event_generated.h"
#include "tests/support/memory_subject_keys.h"
#include "tests/support/sample_events.h"

namespace muster {
namespace {

using test::MemorySubjectKeys;

// With format and flags as given, and the checksum right.
Record framed(std::uint8_t format, std::uint8_t flags, std::string_view body) {
  Record record{static_cast<char>(format), static_cast<char>(flags)};
  append_big_endian(record, static_cast<std::uint16_t>(record_header_size + body.size()));
  append_big_endian(record, crc32c(body, crc32c(record)));
  return record.append(body);
}

ErrorCode code_of(std::string_view record) {
  MemorySubjectKeys keys;
  const auto decoded = RecordCodec(keys).decode(Sequence(1), record);
  REQUIRE_FALSE(decoded.has_value());
  return decoded.error().code;
}

std::string sample_body() {
  MemorySubjectKeys keys;
  return RecordCodec(keys).encode(test::sample_pin(Sequence(1)))->substr(record_header_size);
}

// What is odd about an otherwise right record.
struct Odd {
  wire::EntityKind kind = wire::EntityKind::fleet;
  std::uint32_t subject = 7;
  std::uint32_t index = 0;
  bool half_key = false;
  wire::Role role = wire::Role::observer;
  wire::Payload type = wire::Payload::FleetMemberSet;
};

Record member_set(const Odd& odd) {
  flatbuffers::FlatBufferBuilder builder;
  const auto set = wire::CreateFleetMemberSet(builder, 7, 4, odd.role);
  flatbuffers::Offset<flatbuffers::String> key;
  if (odd.half_key) {
    key = builder.CreateString("half");
  }
  const wire::Ulid command;
  const auto envelope =
      wire::CreateEnvelope(builder, 0, 0, 0, 0, &command, key, nullptr, 0, 0, odd.kind, odd.subject,
                           odd.index, 1, odd.type, set.Union());
  wire::FinishEnvelopeBuffer(builder, envelope);
  return make_record(as_text({builder.GetBufferPointer(), builder.GetSize()}));
}

TEST_CASE("record codec: a record of a newer format or with flags is incompatible") {
  const std::string body = sample_body();
  CHECK(code_of(framed(2, 0, body)) == ErrorCode::incompatible);
  CHECK(code_of(framed(1, 1, body)) == ErrorCode::incompatible);
  CHECK(code_of(framed(0, 0, body)) == ErrorCode::corrupt);
}

TEST_CASE("record codec: a record cut off anywhere is corrupt, and so is one with a tail") {
  MemorySubjectKeys keys;
  const Record record = *RecordCodec(keys).encode(test::sample_pin(Sequence(1)));
  for (std::size_t size = 0; size < record.size(); ++size) {
    CHECK(code_of(std::string_view(record).substr(0, size)) == ErrorCode::corrupt);
  }
  CHECK(code_of(record + "x") == ErrorCode::corrupt);
  CHECK(code_of(std::string(record_size_max + 1, 'x')) == ErrorCode::corrupt);
}

TEST_CASE("record codec: the structure is checked also where the checksum is right") {
  const std::string body = sample_body();
  for (std::size_t size = 1; size < body.size(); ++size) {
    MemorySubjectKeys keys;
    const auto decoded = RecordCodec(keys).decode(Sequence(1), framed(1, 0, body.substr(0, size)));
    if (size < 40) {
      CHECK_FALSE(decoded.has_value());
    }
  }
  std::string other_kind = body;
  other_kind.replace(4, 4, "MUCH");
  CHECK(code_of(framed(1, 0, other_kind)) == ErrorCode::corrupt);
}

TEST_CASE("record codec: what a newer Muster added is incompatible") {
  CHECK(code_of(member_set({.role = static_cast<wire::Role>(77)})) == ErrorCode::incompatible);
  const auto unknown = static_cast<wire::Payload>(static_cast<int>(wire::Payload::MAX) + 1);
  CHECK(code_of(member_set({.type = unknown})) == ErrorCode::incompatible);
}

TEST_CASE("record codec: an envelope that contradicts itself is corrupt") {
  MemorySubjectKeys keys;
  REQUIRE(RecordCodec(keys).decode(Sequence(1), member_set({})).has_value());
  CHECK(code_of(member_set({.kind = wire::EntityKind::device})) == ErrorCode::corrupt);
  CHECK(code_of(member_set({.subject = 8})) == ErrorCode::corrupt);
  CHECK(code_of(member_set({.index = 1})) == ErrorCode::corrupt);
  CHECK(code_of(member_set({.half_key = true})) == ErrorCode::corrupt);
  CHECK(code_of(member_set({.role = wire::Role::none})) == ErrorCode::corrupt);
  CHECK(code_of(member_set({.type = wire::Payload::NONE})) == ErrorCode::corrupt);
}

TEST_CASE("record codec: no changed bytes behind a right checksum crash it") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  std::mt19937 random(20261122);
  std::size_t refused = 0;
  for (const Recorded& recorded : test::sample_events()) {
    const std::string body = codec.encode(recorded)->substr(record_header_size);
    for (int round = 0; round < 2'000; ++round) {
      std::string changed = body;
      for (unsigned changes = 1 + random() % 4; changes > 0; --changes) {
        changed[random() % changed.size()] = static_cast<char>(random());
      }
      if (random() % 4 == 0) {
        changed.resize(1 + random() % changed.size());
      }
      if (!codec.decode(Sequence(1), framed(1, 0, changed))) {
        ++refused;
      }
    }
  }
  CHECK(refused > 10'000);
}

}  // namespace
}  // namespace muster
