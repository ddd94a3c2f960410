#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/event.h"
#include "core/log/record/sealing.h"
#include "schemas/event_generated.h"

namespace muster {

// The writing half of RecordCodec; nothing else includes this.

/// A text about a person, the kind of event it is in, and whose key seals it.
struct PersonalText {
  wire::Payload type = wire::Payload::NONE;
  UserId subject;
  std::string_view text;  // Points into the event.
};

/// A personal text, ready to be stored.
struct SealedText {
  UserId subject;
  SealingNonce nonce{};
  std::vector<std::uint8_t> ciphertext;
};

/// The personal text of `recorded`; at most one, none if it is empty and may be left out.
[[nodiscard]] std::optional<PersonalText> personal_text_of(const Recorded& recorded);

/// What a sealed text is bound to beside its key.
[[nodiscard]] std::string sealing_context(wire::Payload type, UserId subject);

/// The table of an event in a builder, and which one it is.
struct WirePayload {
  wire::Payload type = wire::Payload::NONE;
  flatbuffers::Offset<void> table;
};

/// Builds the table of `event`. `sealed`: its personal text, if it has one.
[[nodiscard]] WirePayload payload_to_wire(flatbuffers::FlatBufferBuilder& builder,
                                          const Event& event,
                                          const std::optional<SealedText>& sealed);

}  // namespace muster
