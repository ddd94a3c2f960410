#include "tools/agent/channel/flat_codec.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "core/base/utf8.h"
#include "schemas/channel_generated.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent::flat {
namespace {

namespace wire = muster::wire::channel;
using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::size_t builder_bytes = 512;
constexpr flatbuffers::uoffset_t depth_max = 8;
constexpr flatbuffers::uoffset_t tables_max = 16;
constexpr unsigned known_version = 1;

tl::unexpected<Error> refuse(std::string why) {
  return fail(ErrorCode::invalid_input, std::move(why));
}

/// Room for a payload in which its numbers are aligned.
std::vector<std::uint64_t> aligned(std::string_view payload) {
  std::vector<std::uint64_t> words(payload.size() / sizeof(std::uint64_t) + 1);
  const auto bytes = std::as_writable_bytes(std::span(words));
  std::ranges::copy(std::as_bytes(std::span(payload)), bytes.begin());
  return words;
}

Result<Release> read_release(const wire::Release& in) {
  Release release{.id = in.id(), .commit = in.commit()->str(), .semver = {}, .manifest = "{}"};
  if (in.semver() != nullptr) release.semver = in.semver()->str();
  if (in.manifest() == nullptr) return release;
  auto manifest = compact_json_object(in.manifest()->string_view());
  if (!manifest) return refuse(fmt::format("`manifest`: {}", manifest.error().message));
  release.manifest = std::move(*manifest);
  return release;
}

Result<Target> read_target(const wire::Target& in) {
  if (in.v() != known_version) {
    return refuse(fmt::format("`v` is {}, this agent knows 1: update the agent", in.v()));
  }
  Target target;
  target.position = {in.epoch(), in.seq()};
  if (in.policy() != wire::Policy::pinned && in.policy() != wire::Policy::tracking) {
    return refuse("`policy` must be pinned or tracking");
  }
  target.policy = wire::EnumNamePolicy(in.policy());
  target.after_action = in.after_action();
  target.local_mode = in.settings()->local_mode();
  target.lock_override = in.settings()->lock_override();
  if (in.release() == nullptr) return target;
  auto release = read_release(*in.release());
  if (!release) return tl::unexpected(release.error());
  target.release = std::move(*release);
  return target;
}

wire::Status to_wire(Status status) {
  switch (status) {
    case Status::idle:
      return wire::Status::idle;
    case Status::downloading:
      return wire::Status::downloading;
    case Status::locked:
      return wire::Status::locked;
    case Status::waiting:
      return wire::Status::waiting;
    case Status::applying:
      return wire::Status::applying;
    case Status::done:
      return wire::Status::done;
    case Status::rejected:
      return wire::Status::rejected;
  }
  return wire::Status::rejected;
}

wire::OsVariant variant_to_wire(std::string_view variant) {
  if (variant == "dev") return wire::OsVariant::development;
  return variant == "prod" ? wire::OsVariant::production : wire::OsVariant::unknown;
}

/// A text for the server; it takes nothing of a message with one that is not UTF-8.
Offset<flatbuffers::String> text(FlatBufferBuilder& builder, std::string_view text) {
  if (is_utf8(text)) return builder.CreateString(text.data(), text.size());
  std::string plain(text);
  std::ranges::replace_if(plain, [](char c) { return c < 0; }, '?');
  return builder.CreateString(plain);
}

std::string finish(FlatBufferBuilder& builder, wire::Body kind, Offset<void> body) {
  wire::FinishMessageBuffer(builder, wire::CreateMessage(builder, kind, body));
  const auto* begin = builder.GetBufferPointer();
  return {begin, begin + builder.GetSize()};
}

}  // namespace

Result<Target> parse_target(std::string_view payload) {
  const auto words = aligned(payload);
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes in aligned memory.
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
  flatbuffers::Verifier verifier(bytes, payload.size(), depth_max, tables_max);
  if (!wire::VerifyMessageBuffer(verifier)) {
    return refuse("neither JSON nor a FlatBuffers message of the device channel");
  }
  const auto* target = wire::GetMessage(bytes)->body_as_Target();
  if (target == nullptr) return refuse("the message is no target");
  return read_target(*target);
}

std::string encode_state(const StateReport& report) {
  FlatBufferBuilder builder(builder_bytes);
  std::vector<Offset<flatbuffers::String>> names;
  names.reserve(report.locks.size());
  for (const auto& lock : report.locks) names.push_back(text(builder, lock));
  const auto locks = builder.CreateVector(names);
  const auto message = text(builder, report.message);
  const auto boot = text(builder, report.boot);
  Offset<flatbuffers::String> running;
  if (!report.running.empty()) running = text(builder, report.running);
  const auto body = wire::CreateState(
      builder, report.position.epoch, report.position.seq, running, to_wire(report.status),
      static_cast<std::uint8_t>(report.percent), report.code, message, locks, boot);
  return finish(builder, wire::Body::State, body.Union());
}

std::string encode_birth(const Birth& birth) {
  FlatBufferBuilder builder(builder_bytes);
  const auto session = text(builder, birth.session);
  const auto boot = text(builder, birth.boot);
  const auto os_version = text(builder, birth.os_version);
  const auto agent_version = text(builder, birth.agent_version);
  const auto body =
      wire::CreatePresence(builder, true, session, boot, wire::Encoding::flatbuffers, os_version,
                           variant_to_wire(birth.os_variant), agent_version);
  return finish(builder, wire::Body::Presence, body.Union());
}

std::string encode_death(std::string_view session) {
  FlatBufferBuilder builder(builder_bytes);
  const auto id = text(builder, session);
  return finish(builder, wire::Body::Presence, wire::CreatePresence(builder, false, id).Union());
}

}  // namespace muster::agent::flat
