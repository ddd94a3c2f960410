#include "core/log/record_codec.h"

#include <flatbuffers/flatbuffers.h>
#include <fmt/format.h>

#include <cstddef>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "core/base/assert.h"
#include "core/log/record/codec_reader.h"
#include "core/log/record/codec_values.h"
#include "core/log/record/codec_writer.h"
#include "core/log/record/record_frame.h"
#include "core/log/record/sealing.h"
#include "core/log/subject_keys.h"
#include "schemas/event_generated.h"

namespace muster {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::size_t builder_size = 1024;
// Envelope, payload and what is in it. As many tables as fit a record: an empty tag is one.
constexpr flatbuffers::uoffset_t depth_max = 4;
constexpr flatbuffers::uoffset_t tables_max = 8192;

// --- writing

Offset<flatbuffers::String> text(FlatBufferBuilder& builder, std::string_view text) {
  if (text.empty()) {
    return {};
  }
  return builder.CreateString(text.data(), text.size());
}

Offset<flatbuffers::Vector<std::uint64_t>> cause_list(FlatBufferBuilder& builder,
                                                      const std::vector<Sequence>& causes) {
  if (causes.empty()) {
    return {};
  }
  std::vector<std::uint64_t> numbers;
  numbers.reserve(causes.size());
  for (const Sequence cause : causes) {
    numbers.push_back(cause.value());
  }
  return builder.CreateVector(numbers);
}

Offset<wire::Envelope> envelope_to_wire(FlatBufferBuilder& builder, const Recorded& recorded,
                                        WirePayload payload) {
  const EventMeta& meta = recorded.meta;
  const auto token_name = text(builder, meta.token_name);
  const auto reason = text(builder, meta.reason);
  const auto causes = cause_list(builder, meta.causes);
  const wire::Ulid command(meta.command.bytes);
  Offset<flatbuffers::String> key;
  std::optional<wire::Digest> request;
  if (meta.idempotency) {
    key = builder.CreateString(meta.idempotency->key);
    request.emplace(meta.idempotency->request);
  }
  const Subject subject = subject_of(recorded.event);
  return wire::CreateEnvelope(builder, meta.at.time_since_epoch().count(), meta.actor.user.value(),
                              meta.actor.token.value(), token_name, &command, key,
                              request ? &*request : nullptr, causes, reason,
                              static_cast<wire::EntityKind>(subject.kind), subject.id, meta.index,
                              meta.count, payload.type, payload.table);
}

// --- reading

const wire::Envelope* verified(std::span<const std::uint8_t> buffer) {
  flatbuffers::Verifier verifier(buffer.data(), buffer.size(), depth_max, tables_max);
  if (!wire::VerifyEnvelopeBuffer(verifier)) {
    return nullptr;
  }
  return wire::GetEnvelope(buffer.data());
}

EventMeta meta_from_wire(const wire::Envelope& envelope) {
  EventMeta meta;
  meta.at = stored::time(envelope.at_us());
  meta.actor = Actor{UserId(envelope.actor_user()), TokenId(envelope.actor_token())};
  meta.token_name = stored::text(envelope.token_name());
  meta.command.bytes = stored::bytes<decltype(Ulid::bytes)>(envelope.command());
  if (envelope.idempotency_key() != nullptr) {
    meta.idempotency = Idempotency{stored::text(envelope.idempotency_key()),
                                   stored::bytes<Digest>(envelope.request_digest())};
  }
  meta.reason = stored::text(envelope.reason());
  if (envelope.causes() != nullptr) {
    // The verifier does not see to it that 8-byte elements are aligned: a record may be damaged so.
    const std::uint8_t* at = envelope.causes()->Data();
    for (flatbuffers::uoffset_t i = 0; i < envelope.causes()->size(); ++i) {
      std::uint64_t cause = 0;
      std::memcpy(&cause, at + i * sizeof cause, sizeof cause);
      meta.causes.emplace_back(flatbuffers::EndianScalar(cause));
    }
  }
  meta.index = envelope.index();
  meta.count = envelope.count();
  return meta;
}

/// What the verifier does not look at.
Result<void> check_envelope(const wire::Envelope& envelope) {
  const bool known = *wire::EnumNamePayload(envelope.payload_type()) != '\0';
  if (!known) {
    return fail(ErrorCode::incompatible,
                fmt::format("it is of kind {}, which this Muster does not know: a newer one wrote "
                            "it, use that one",
                            static_cast<int>(envelope.payload_type())));
  }
  if (envelope.payload_type() == wire::Payload::NONE || envelope.payload() == nullptr) {
    return fail(ErrorCode::corrupt, "it has no payload");
  }
  if ((envelope.idempotency_key() == nullptr) != (envelope.request_digest() == nullptr)) {
    return fail(ErrorCode::corrupt, "it has one half of an idempotency key");
  }
  if (envelope.index() >= envelope.count()) {
    return fail(ErrorCode::corrupt, fmt::format("it is number {} of the {} events of its command",
                                                envelope.index(), envelope.count()));
  }
  return {};
}

Result<Recorded> event_of(Sequence sequence, std::string_view body, const SubjectKeys& keys) {
  // FlatBuffers reads numbers in place, so they must be aligned as they were in the builder.
  thread_local std::vector<std::uint64_t> aligned;
  aligned.resize((body.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
  std::memcpy(aligned.data(), body.data(), body.size());
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): as bytes is allowed.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(aligned.data());

  const wire::Envelope* envelope = verified({bytes, body.size()});
  if (envelope == nullptr) {
    return fail(ErrorCode::corrupt, "its structure is broken");
  }
  if (auto checked = check_envelope(*envelope); !checked) {
    return tl::unexpected(std::move(checked).error());
  }
  auto event = payload_from_wire(*envelope, keys);
  if (!event) {
    return tl::unexpected(std::move(event).error());
  }
  const Subject subject = subject_of(*event);
  if (static_cast<wire::EntityKind>(subject.kind) != envelope->subject_kind() ||
      subject.id != envelope->subject_id()) {
    return fail(ErrorCode::corrupt, "it is not about the entity that it names");
  }
  return Result<Recorded>(tl::in_place, sequence, meta_from_wire(*envelope), *std::move(event));
}

}  // namespace

Result<Record> RecordCodec::encode(const Recorded& recorded) const {
  MUSTER_ASSERT(recorded.meta.index < recorded.meta.count, "an event is one of its command's");
  std::optional<SealedText> sealed;
  if (const auto personal = personal_text_of(recorded)) {
    const auto key = keys_.obtain(personal->subject);
    if (!key) {
      return tl::unexpected(key.error());
    }
    sealed.emplace();
    sealed->subject = personal->subject;
    nonces_(sealed->nonce);
    sealed->ciphertext = seal(*key, sealed->nonce,
                              sealing_context(personal->type, personal->subject), personal->text);
  }

  thread_local FlatBufferBuilder builder(builder_size);
  builder.Clear();
  const WirePayload payload = payload_to_wire(builder, recorded.event, sealed);
  wire::FinishEnvelopeBuffer(builder, envelope_to_wire(builder, recorded, payload));
  if (builder.GetSize() > record_body_size_max) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{} would take {} bytes, an event may take {}: shorten its texts",
                            name_of(recorded.event), builder.GetSize(), record_body_size_max));
  }
  return make_record(as_text({builder.GetBufferPointer(), builder.GetSize()}));
}

Result<Recorded> RecordCodec::decode(Sequence sequence, std::string_view record) const {
  return decode_body(sequence, check_record(record));
}

Result<Recorded> RecordCodec::decode_checked(Sequence sequence, std::string_view record) const {
  MUSTER_ASSERT(record.size() > record_header_size, "a log passes on whole records");
  return decode_body(sequence, record.substr(record_header_size));
}

Result<Recorded> RecordCodec::decode_body(Sequence sequence, Result<std::string_view> body) const {
  auto decoded =
      body.and_then([&](std::string_view bytes) { return event_of(sequence, bytes, keys_); });
  if (!decoded) {
    std::string& message = decoded.error().message;
    message = fmt::format("event {}: {}", sequence.value(), message);
  }
  return decoded;
}

}  // namespace muster
