#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "schemas/channel_generated.h"

/// What the codecs of the FlatBuffers form share.
namespace muster::agent::flat {

namespace wire = muster::wire::channel;

/// A payload in memory in which its numbers are aligned, and whether it may be read.
class VerifiedMessage {
 public:
  explicit VerifiedMessage(std::string_view payload);

  [[nodiscard]] bool is_whole() const noexcept { return is_whole_; }

  /// Only of a whole one; lives as long as this.
  [[nodiscard]] const wire::Message& get() const;

 private:
  std::vector<std::uint64_t> words_;
  bool is_whole_ = false;
};

tl::unexpected<Error> refuse(std::string why);
tl::unexpected<Error> not_a_message();

/// Errors: invalid_input if a message of version `v` is not for this agent.
Result<void> check_version(unsigned v);

/// A text for the server; it takes nothing of a message with one that is not UTF-8.
flatbuffers::Offset<flatbuffers::String> text(flatbuffers::FlatBufferBuilder& builder,
                                              std::string_view text);

/// The whole payload.
std::string finish(flatbuffers::FlatBufferBuilder& builder, wire::Body kind,
                   flatbuffers::Offset<void> body);

}  // namespace muster::agent::flat
