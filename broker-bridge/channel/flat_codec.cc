#include "broker-bridge/channel/flat_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "broker-bridge/channel/inbound_limits.h"
#include "core/base/utf8.h"
#include "core/domain/decide/names.h"
#include "schemas/channel_generated.h"

namespace muster::flat {
namespace {

namespace wire = wire::channel;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using inbound::refuse;

constexpr std::size_t builder_bytes = 1'024;
constexpr flatbuffers::uoffset_t depth_max = 8;
constexpr flatbuffers::uoffset_t tables_max = 16;
constexpr unsigned version = 1;

// --- Writing

Offset<wire::Release> release_to_wire(FlatBufferBuilder& builder, const Release& release) {
  const auto commit = builder.CreateString(release.commit);
  const auto semver = builder.CreateString(release.semver);
  Offset<flatbuffers::String> manifest;
  if (!release.manifest.empty()) manifest = builder.CreateString(release.manifest);
  return wire::CreateRelease(builder, release.id.value(), commit, semver, release.draft(),
                             manifest);
}

std::string finished(FlatBufferBuilder& builder, wire::Body type, Offset<void> body) {
  wire::FinishMessageBuffer(builder, wire::CreateMessage(builder, type, body));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

template <ActionKind ours, wire::ActionKind theirs>
constexpr bool same = static_cast<int>(ours) == static_cast<int>(theirs);
static_assert(same<ActionKind::restart, wire::ActionKind::restart> &&
              same<ActionKind::blink, wire::ActionKind::MAX>);

Offset<wire::Settings> settings_to_wire(FlatBufferBuilder& builder,
                                        const DeviceSettings& settings) {
  std::optional<std::int64_t> until;
  if (settings.support_until) until = settings.support_until->time_since_epoch().count();
  return wire::CreateSettings(builder, settings.public_url, settings.local_mode,
                              settings.lock_override, until);
}

// --- Reading

/// A verified message. The bytes are copied to where they are aligned, as reading them needs.
class Verified {
 public:
  static Result<Verified> read(std::string_view payload) {
    Verified copy(payload);
    flatbuffers::Verifier verifier(copy.data(), payload.size(), depth_max, tables_max);
    if (!wire::VerifyMessageBuffer(verifier)) {
      return refuse("the payload is neither JSON nor a FlatBuffers message of the channel");
    }
    return copy;
  }

  [[nodiscard]] const wire::Message& message() const { return *wire::GetMessage(data()); }

 private:
  explicit Verified(std::string_view payload)
      : words_(std::make_unique<std::uint64_t[]>(payload.size() / sizeof(std::uint64_t) + 1)) {
    std::memcpy(words_.get(), payload.data(), payload.size());
  }

  [[nodiscard]] const std::uint8_t* data() const {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes in aligned memory.
    return reinterpret_cast<const std::uint8_t*>(words_.get());
  }

  std::unique_ptr<std::uint64_t[]> words_;  // NOLINT(*-avoid-c-arrays): as make_unique has it.
};

/// Texts as the JSON form takes them: UTF-8, or nothing of the message is taken.
class Texts {
 public:
  /// Empty if it is absent or too long.
  std::string read(const flatbuffers::String* text, std::size_t size_max = inbound::text_size_max) {
    if (text == nullptr) return {};
    well_formed_ = well_formed_ && is_utf8(text->string_view());
    return text->size() > size_max ? std::string() : text->str();
  }

  [[nodiscard]] bool well_formed() const noexcept { return well_formed_; }

 private:
  bool well_formed_ = true;
};

tl::unexpected<Error> not_utf8() { return refuse("a text of the message is not UTF-8"); }

std::optional<Encoding> encoding_of(wire::Encoding encoding) {
  switch (encoding) {
    case wire::Encoding::none:
      return std::nullopt;
    case wire::Encoding::json:
      return Encoding::json;
    case wire::Encoding::flatbuffers:
      return Encoding::flatbuffers;
  }
  return std::nullopt;
}

std::optional<ActionState> state_of(wire::AckState state) {
  switch (state) {
    case wire::AckState::none:
      return std::nullopt;
    case wire::AckState::delivered:
      return ActionState::delivered;
    case wire::AckState::started:
      return ActionState::started;
    case wire::AckState::succeeded:
      return ActionState::succeeded;
    case wire::AckState::failed:
      return ActionState::failed;
    case wire::AckState::rejected:
      return ActionState::rejected;
    case wire::AckState::cancelled:
      return ActionState::cancelled;
    case wire::AckState::expired:
      return ActionState::expired;
  }
  return std::nullopt;
}

OsVariant variant_of(wire::OsVariant variant) {
  switch (variant) {
    case wire::OsVariant::unknown:
      return OsVariant::unknown;
    case wire::OsVariant::production:
      return OsVariant::production;
    case wire::OsVariant::development:
      return OsVariant::development;
  }
  return OsVariant::unknown;
}

std::vector<std::string> locks_of(Texts& texts, const wire::State& state) {
  std::vector<std::string> locks;
  if (state.locks() == nullptr) return locks;
  for (const flatbuffers::String* lock : *state.locks()) {
    if (locks.size() == inbound::locks_max) break;
    std::string name = texts.read(lock, inbound::lock_size_max);
    if (name.size() == lock->size()) locks.push_back(std::move(name));
  }
  return locks;
}

}  // namespace

std::string target_payload(const LogIdentity& identity, const Fleet& fleet, const Target& target) {
  FlatBufferBuilder builder(builder_bytes);
  Offset<wire::Release> release;
  if (target.release != nullptr) release = release_to_wire(builder, *target.release);
  const wire::Uuid uuid(fleet.uuid.bytes);
  const auto its_fleet = wire::CreateFleet(builder, fleet.id.value(), &uuid);
  const auto settings = settings_to_wire(builder, target.settings);
  flatbuffers::Optional<std::uint64_t> after;
  if (target.after_action != Sequence{}) after = target.after_action.value();
  const auto body =
      wire::CreateTarget(builder, version, identity.epoch, target.changed.sequence.value(),
                         its_fleet, target.pinned ? wire::Policy::pinned : wire::Policy::tracking,
                         release, after, settings, target.changed.at.time_since_epoch().count());
  return finished(builder, wire::Body::Target, body.Union());
}

std::string action_payload(const LogIdentity& identity, const ActionMessage& action) {
  FlatBufferBuilder builder(builder_bytes);
  const ActionOrder& order = action.order;
  const wire::Ulid id(action.id.bytes);
  const auto arguments = builder.CreateString(arguments_of(order));
  flatbuffers::Optional<std::int64_t> deliver_by;
  if (order.deliver_by) deliver_by = order.deliver_by->time_since_epoch().count();
  const auto body =
      wire::CreateAction(builder, version, identity.epoch_of(action.n), action.n.value(), &id,
                         static_cast<wire::ActionKind>(order.kind), arguments, order.force,
                         deliver_by, order.execute_within_s, action.attempt);
  return finished(builder, wire::Body::Action, body.Union());
}

std::string cancel_payload(const LogIdentity& identity, Sequence n, const Ulid& id) {
  FlatBufferBuilder builder(builder_bytes);
  const wire::Ulid ulid(id.bytes);
  const auto body = wire::CreateCancel(builder, version, identity.epoch_of(n), n.value(), &ulid);
  return finished(builder, wire::Body::Cancel, body.Union());
}

Result<PresenceReport> parse_presence(std::string_view payload) {
  const auto read = Verified::read(payload);
  if (!read) return tl::unexpected(read.error());
  const auto* said = read->message().body_as_Presence();
  if (said == nullptr) return refuse("the message is no presence");
  Texts texts;
  PresenceReport report{.online = said->online(),
                        .session = texts.read(said->session()),
                        .boot = texts.read(said->boot()),
                        .software = {},
                        .encoding = encoding_of(said->encoding())};
  if (said->os_version() != nullptr || said->agent_version() != nullptr) {
    report.software = ReportDevice::Software{.os_version = texts.read(said->os_version()),
                                             .os_variant = variant_of(said->os_variant()),
                                             .agent_version = texts.read(said->agent_version())};
  }
  if (!texts.well_formed()) return not_utf8();
  if (report.session.empty()) return refuse("`session` is not a text of 1 to 64 bytes");
  return report;
}

Result<ProgressReport> parse_state(std::string_view payload) {
  const auto read = Verified::read(payload);
  if (!read) return tl::unexpected(read.error());
  const auto* said = read->message().body_as_State();
  if (said == nullptr) return refuse("the message is no state");
  if (said->status() <= wire::Status::none || said->status() > wire::Status::MAX) {
    return refuse("`status` is none of the words of the device channel");
  }
  Texts texts;
  ProgressReport report{.epoch = said->epoch(),
                        .sequence = said->seq(),
                        .running = {},
                        .status = wire::EnumNameStatus(said->status()),
                        .percent = std::min<unsigned>(said->percent(), inbound::percent_max),
                        .code = said->code(),
                        .message = texts.read(said->message(), inbound::message_size_max),
                        .locks = locks_of(texts, *said),
                        .boot = texts.read(said->boot())};
  if (said->running() != nullptr) {
    report.running = texts.read(said->running());
    if (!is_commit(*report.running)) return refuse("`running` is not a commit");
  }
  if (!texts.well_formed()) return not_utf8();
  return report;
}

Result<AckReport> parse_ack(std::string_view payload) {
  const auto read = Verified::read(payload);
  if (!read) return tl::unexpected(read.error());
  const auto* said = read->message().body_as_Ack();
  if (said == nullptr) return refuse("the message is no ack");
  const auto state = state_of(said->state());
  if (!state) return refuse("`state` is none of the words of the device channel");
  Texts texts;
  AckReport report{.epoch = said->epoch(),
                   .n = Sequence{said->n()},
                   .id = {},
                   .state = *state,
                   .percent = std::min<unsigned>(said->percent(), inbound::percent_max),
                   .code = said->code(),
                   .message = texts.read(said->message(), inbound::message_size_max),
                   .boot = texts.read(said->boot())};
  std::ranges::copy(*said->id()->bytes(), report.id.bytes.begin());
  if (!texts.well_formed()) return not_utf8();
  return report;
}

Result<TargetVersion> parse_target_version(std::string_view payload) {
  const auto read = Verified::read(payload);
  if (!read) return tl::unexpected(read.error());
  const auto* target = read->message().body_as_Target();
  if (target == nullptr || target->v() != version) return refuse("it is no target of version 1");
  return TargetVersion{.epoch = target->epoch(),
                       .sequence = Sequence{target->seq()},
                       .encoding = Encoding::flatbuffers};
}

}  // namespace muster::flat
