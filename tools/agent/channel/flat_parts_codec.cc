#include "tools/agent/channel/flat_parts_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/base/assert.h"
#include "core/base/utf8.h"

namespace muster::agent::flat {
namespace {

constexpr flatbuffers::uoffset_t depth_max = 8;
constexpr flatbuffers::uoffset_t tables_max = 16;
constexpr unsigned known_version = 1;

const std::uint8_t* bytes_of(const std::vector<std::uint64_t>& words) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes in aligned memory.
  return reinterpret_cast<const std::uint8_t*>(words.data());
}

}  // namespace

VerifiedMessage::VerifiedMessage(std::string_view payload)
    : words_(payload.size() / sizeof(std::uint64_t) + 1) {
  std::ranges::copy(std::as_bytes(std::span(payload)),
                    std::as_writable_bytes(std::span(words_)).begin());
  flatbuffers::Verifier verifier(bytes_of(words_), payload.size(), depth_max, tables_max);
  is_whole_ = wire::VerifyMessageBuffer(verifier);
}

const wire::Message& VerifiedMessage::get() const {
  MUSTER_ASSERT(is_whole_, "only a verified message is read");
  return *wire::GetMessage(bytes_of(words_));
}

tl::unexpected<Error> refuse(std::string why) {
  return fail(ErrorCode::invalid_input, std::move(why));
}

tl::unexpected<Error> not_a_message() {
  return refuse("neither JSON nor a FlatBuffers message of the device channel");
}

Result<void> check_version(unsigned v) {
  if (v == known_version) return {};
  return refuse(fmt::format("`v` is {}, this agent knows 1: update the agent", v));
}

flatbuffers::Offset<flatbuffers::String> text(flatbuffers::FlatBufferBuilder& builder,
                                              std::string_view text) {
  if (is_utf8(text)) return builder.CreateString(text.data(), text.size());
  std::string plain(text);
  std::ranges::replace_if(plain, [](char c) { return c < 0; }, '?');
  return builder.CreateString(plain);
}

std::string finish(flatbuffers::FlatBufferBuilder& builder, wire::Body kind,
                   flatbuffers::Offset<void> body) {
  wire::FinishMessageBuffer(builder, wire::CreateMessage(builder, kind, body));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

}  // namespace muster::agent::flat
