#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "schemas/channel_generated.h"

namespace muster {
namespace {

namespace channel = wire::channel;
using flatbuffers::FlatBufferBuilder;

std::vector<std::uint8_t> sample_target() {
  FlatBufferBuilder builder;
  const channel::Uuid uuid;
  const auto fleet = channel::CreateFleet(builder, 7, &uuid);
  const auto release = channel::CreateReleaseDirect(builder, 31, "4f1c2a9", "1.4.2", false, "{}");
  const auto settings = channel::CreateSettings(builder, true);
  const auto target = channel::CreateTarget(builder, 1, 1'732'233'600, 8123, fleet,
                                            channel::Policy::pinned, release, 9007, settings, 5);
  channel::FinishMessageBuffer(
      builder, channel::CreateMessage(builder, channel::Body::Target, target.Union()));
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

bool valid(const std::vector<std::uint8_t>& bytes) {
  flatbuffers::Verifier verifier(bytes.data(), bytes.size(), 8, 64);
  return channel::VerifyMessageBuffer(verifier);
}

TEST_CASE("channel schema: a target is read as it was written") {
  const auto bytes = sample_target();
  REQUIRE(valid(bytes));
  const auto* target = channel::GetMessage(bytes.data())->body_as_Target();
  REQUIRE(target != nullptr);
  CHECK(target->seq() == 8123);
  CHECK(target->release()->commit()->str() == "4f1c2a9");
  CHECK(target->after_action() == 9007);
  CHECK_FALSE(target->settings()->support_until_us().has_value());
}

TEST_CASE("channel schema: a message cut short, or of another kind, is refused") {
  const auto bytes = sample_target();
  for (std::size_t size = 0; size < 40; ++size) {
    CHECK_FALSE(valid({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)}));
  }
  auto other = bytes;
  other[4] = 'X';
  CHECK_FALSE(valid(other));
}

TEST_CASE("channel schema: a required part that is left out is refused") {
  FlatBufferBuilder builder;
  // The generated builder asserts it; what comes over the wire was not made by it.
  const auto start = builder.StartTable();
  const flatbuffers::Offset<channel::Target> target(builder.EndTable(start));
  channel::FinishMessageBuffer(
      builder, channel::CreateMessage(builder, channel::Body::Target, target.Union()));
  CHECK_FALSE(valid({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()}));
}

}  // namespace
}  // namespace muster
