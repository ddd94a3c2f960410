#include "tools/agent/channel/flat_codec.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "tools/agent/channel/flat_parts_codec.h"
#include "tools/agent/support/json_reader.h"

namespace muster::agent::flat {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;

constexpr std::size_t builder_bytes = 512;
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
  if (auto known = check_version(in.v()); !known) return tl::unexpected(known.error());
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

}  // namespace

Result<Target> parse_target(std::string_view payload) {
  const VerifiedMessage message(payload);
  if (!message.is_whole()) return not_a_message();
  const auto* target = message.get().body_as_Target();
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
