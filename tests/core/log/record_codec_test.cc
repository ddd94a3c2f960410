#include "core/log/record_codec.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <variant>

#include "tests/support/memory_subject_keys.h"
#include "tests/support/same_fields.h"
#include "tests/support/sample_events.h"

namespace muster {
namespace {

using test::MemorySubjectKeys;
using test::same_fields;
using test::sample_events;

Recorded noted_by(UserId author, const std::string& note) {
  Recorded recorded{.sequence = Sequence(9), .meta = {}, .event = DeviceNoted{DeviceId(1), note}};
  recorded.meta.actor.user = author;
  return recorded;
}

std::string note_of(const Recorded& recorded) { return std::get<DeviceNoted>(recorded.event).note; }

TEST_CASE("record codec: every kind of event comes back with every field") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  std::set<std::size_t> kinds;
  for (const Recorded& recorded : sample_events()) {
    CAPTURE(name_of(recorded.event));
    kinds.insert(recorded.event.index());
    const auto record = codec.encode(recorded);
    REQUIRE(record.has_value());
    const auto decoded = codec.decode(recorded.sequence, *record);
    REQUIRE_MESSAGE(decoded.has_value(), decoded.error().message);
    CHECK(same_fields(recorded, *decoded));
  }
  CHECK(kinds.size() == std::variant_size_v<AnyFact>);
}

TEST_CASE("record codec: an idempotency key may be the empty text") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  Recorded recorded = test::sample_pin(Sequence(1));
  recorded.meta.idempotency.emplace();
  const auto decoded = codec.decode(Sequence(1), *codec.encode(recorded));
  REQUIRE(decoded.has_value());
  CHECK(same_fields(recorded, *decoded));
}

TEST_CASE("record codec: personal texts are not readable in the record") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  Recorded user{
      .sequence = Sequence(1), .meta = {}, .event = UserCreated{UserId(4), "ada-lovelace", 0}};
  CHECK(codec.encode(user)->find("ada-lovelace") == std::string::npos);
  CHECK(codec.encode(noted_by(UserId(4), "by-the-door"))->find("by-the-door") == std::string::npos);
  CHECK(codec.encode(noted_by(UserId(0), "by-the-door"))->find("by-the-door") == std::string::npos);
}

TEST_CASE("record codec: a text whose key is destroyed reads as erased, and only that") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  const auto ada = codec.encode(noted_by(UserId(4), "by Ada"));
  const auto bob = codec.encode(noted_by(UserId(5), "by Bob"));
  keys.destroy(UserId(4));
  CHECK(note_of(*codec.decode(Sequence(9), *ada)) == erased_text);
  CHECK(note_of(*codec.decode(Sequence(9), *bob)) == "by Bob");
}

TEST_CASE("record codec: the same text is sealed differently each time") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  const Recorded noted = noted_by(UserId(4), "same");
  CHECK(*codec.encode(noted) != *codec.encode(noted));
}

TEST_CASE("record codec: an event too long for a record is refused, the longest one is not") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  Recorded renamed{.sequence = Sequence(1), .meta = {}, .event = DeviceRenamed{DeviceId(1), ""}};
  auto& name = std::get<DeviceRenamed>(renamed.event).name;
  std::size_t longest = 0;
  for (std::size_t size = record_size_max - 400; size < record_size_max + 8; ++size) {
    name.assign(size, 'x');
    const auto record = codec.encode(renamed);
    if (record) {
      longest = size;
      CHECK(record->size() <= record_size_max);
      CHECK(codec.decode(Sequence(1), *record).has_value());
    } else {
      CHECK(record.error().code == ErrorCode::invalid_input);
    }
  }
  CHECK(longest > record_size_max - 300);
  CHECK(longest < record_size_max - 8);
}

TEST_CASE("record codec: as many empty tags as fit a record come back") {
  MemorySubjectKeys keys;
  const RecordCodec codec(keys);
  Recorded tagged{.sequence = Sequence(1), .meta = {}, .event = DeviceTagged{DeviceId(1), {}, {}}};
  auto& set = std::get<DeviceTagged>(tagged.event).set;
  for (const std::size_t count : {1'000U, 5'000U, 5'400U, 8'000U, 10'000U}) {
    set.assign(count, Tag{});
    const auto record = codec.encode(tagged);
    if (record) {
      CHECK(codec.decode(Sequence(1), *record).has_value());
    }
  }
}

TEST_CASE("record codec: a key that cannot be stored fails the encoding") {
  class NoKeys final : public SubjectKeys {
   public:
    Result<SealingKey> obtain(UserId) override { return fail(ErrorCode::failed, "no disk"); }
    [[nodiscard]] std::optional<SealingKey> find(UserId) const override { return std::nullopt; }
  } keys;
  const RecordCodec codec(keys);
  CHECK(codec.encode(noted_by(UserId(4), "x")).error().code == ErrorCode::failed);
}

}  // namespace
}  // namespace muster
