// Records as each format was first written. A line that is here must never change.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "core/base/digest.h"
#include "core/base/hex.h"
#include "core/log/record_codec.h"
#include "tests/support/memory_subject_keys.h"
#include "tests/support/same_fields.h"
#include "tests/support/sample_events.h"

namespace muster {
namespace {

using test::MemorySubjectKeys;

const char* const golden_file = MUSTER_GOLDEN_FOLDER "/records-format-1.txt";

// The nonce of the golden records: 0, 1, 2, …
void count_up(std::span<std::uint8_t> nonce) {
  std::uint8_t next = 0;
  for (auto& byte : nonce) {
    byte = next++;
  }
}

struct Golden {
  std::string name;
  Record record;
};

std::vector<Golden> golden_records() {
  std::ifstream file(golden_file);
  std::vector<Golden> records;
  std::string name;
  std::string hex;
  while (file >> name >> hex) {
    records.push_back(Golden{name, std::string(as_text(from_hex(hex).value()))});
  }
  return records;
}

// MUSTER_WRITE_GOLDEN=<file>: writes the records of today there, to add those of new events.
void write_golden(const char* path) {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys, count_up);
  std::ofstream file(path);
  for (const Recorded& recorded : test::sample_events()) {
    file << name_of(recorded.event) << ' ' << to_hex(as_bytes(*codec.encode(recorded))) << '\n';
  }
}

TEST_CASE("golden records: each decodes to what was stored, and encodes to the same bytes") {
  if (const char* path = std::getenv("MUSTER_WRITE_GOLDEN")) {
    write_golden(path);
  }
  MemorySubjectKeys keys;
  for (std::uint32_t user = 0; user < 10; ++user) {
    CHECK(keys.obtain(UserId(user)).has_value());
  }
  const RecordCodec codec(keys, count_up);
  const auto samples = test::sample_events();
  const auto records = golden_records();
  REQUIRE(records.size() == samples.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    CAPTURE(records[i].name);
    CHECK(records[i].name == name_of(samples[i].event));
    const auto decoded = codec.decode(samples[i].sequence, records[i].record);
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
    CHECK(test::same_fields(*decoded, samples[i]));
    CHECK(*codec.encode(*decoded) == records[i].record);
  }
}

TEST_CASE("golden records: every one with a single bit changed is refused") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys, count_up);
  for (const Golden& golden : golden_records()) {
    Record record = golden.record;
    for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
      const auto mask = static_cast<char>(1U << (bit % 8));
      record[bit / 8] = static_cast<char>(record[bit / 8] ^ mask);
      const auto decoded = codec.decode(Sequence(1), record);
      REQUIRE_FALSE(decoded.has_value());
      REQUIRE(decoded.error().code == ErrorCode::corrupt);
      record[bit / 8] = static_cast<char>(record[bit / 8] ^ mask);
    }
  }
}

}  // namespace
}  // namespace muster
