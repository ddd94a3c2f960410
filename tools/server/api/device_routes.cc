#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/domain/target.h"
#include "tools/server/api/api.h"
#include "tools/server/api/inventory/device_choice.h"
#include "tools/server/api/inventory/device_list.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/render.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

HttpResult<HttpResponse> show_device(const Query& query) {
  const auto device = query.sight.device(query.match.at("device"));
  if (!device) return tl::unexpected(device.error());
  return entity_response(render_seen(query, *device));
}

HttpResult<HttpResponse> show_target(const Query& query) {
  const auto device = query.sight.device(query.match.at("device"));
  if (!device) return tl::unexpected(device.error());
  const auto fleet = query.reader.find(device->fleet);
  const auto wanted = target_release(*device, *fleet);
  const auto release = wanted ? query.reader.find(*wanted) : std::nullopt;
  const Target target = target_of(*device, *fleet, release ? &*release : nullptr);
  if (!target.told) return HttpResponse{.body = "null"};
  return HttpResponse{.body = target_payload(query.parts.answers.identity, *fleet, target)};
}

Problem invalid_uuid(const std::string& text) {
  return to_problem(Rejection{.code = RejectionCode::invalid_uuid,
                              .entity = fmt::format("device {}", text),
                              .rule = "a device's uuid is 32 hexadecimal digits, lower case",
                              .remedy = "leave it out to get a new one",
                              .candidates = {}});
}

HttpResult<CommandBody> register_device(const Build& build) {
  auto command = read_registration(build.body);
  if (!command) return tl::unexpected(command.error());
  command->fleet = slug_of(build.match);
  return *std::move(command);
}

void read_tags(const Build& build, TagDevice& command) {
  const auto tags = nlohmann::ordered_json::parse(build.body.json("tags"), nullptr, false);
  if (!tags.is_object()) {
    build.body.refuse("tags", "an object of texts; null removes", "something else");
    return;
  }
  for (const auto& tag : tags.items()) {
    if (tag.value().is_string()) {
      command.set.push_back(Tag{.key = tag.key(), .value = tag.value().get<std::string>()});
    } else if (tag.value().is_null()) {
      command.remove.push_back(tag.key());
    } else {
      build.body.refuse("tags", "an object of texts; null removes", tag.value().dump());
    }
  }
}

HttpResult<CommandBody> change_device(const Build& build) {
  const auto uuid = uuid_of(build.sight, build.match.at("device"));
  if (!uuid) return tl::unexpected(uuid.error());
  const int given = static_cast<int>(build.body.has("name")) +
                    static_cast<int>(build.body.has("note")) +
                    static_cast<int>(build.body.has("tags"));
  if (build.body.has("tags")) {
    TagDevice command{.device = *uuid, .set = {}, .remove = {}};
    read_tags(build, command);
    if (given > 1) build.body.refuse("tags", "the only field: one change a command", "several");
    return command;
  }
  if (build.body.has("note")) {
    if (given > 1) build.body.refuse("note", "the only field: one change a command", "several");
    return NoteDevice{.device = *uuid, .note = build.body.string("note")};
  }
  return RenameDevice{.device = *uuid, .name = build.body.string("name")};
}

HttpResult<CommandBody> rotate_key(const Build& build) {
  auto uuid = uuid_of(build.sight, build.match.at("device"));
  if (!uuid) return tl::unexpected(uuid.error());
  return RotateDeviceKey{.device = *std::move(uuid),
                         .at_once = build.body.optional_boolean("now").value_or(false)};
}

PinDevices read_pin(const Build& build) {
  return {.devices = {}, .release = build.body.string("release")};
}

HttpResult<CommandBody> pin_one(const Build& build) { return about_one(build, read_pin(build)); }
HttpResult<CommandBody> pin_several(const Build& build) {
  return about_several(build, read_pin(build));
}
HttpResult<CommandBody> track_one(const Build& build) { return about_one(build, TrackFleet{}); }
HttpResult<CommandBody> track_several(const Build& build) {
  return about_several(build, TrackFleet{});
}

}  // namespace

HttpResult<RegisterDevice> read_registration(JsonReader& body) {
  RegisterDevice command{.uuid = random_uuid(),
                         .device_type = body.optional_string("device_type").value_or(""),
                         .name = body.optional_string("name").value_or("")};
  if (const auto word = body.optional_string("encoding")) {
    command.encoding = parse_encoding(*word);
    if (!command.encoding) body.refuse("encoding", "json or flatbuffers", *word);
  }
  if (const auto text = body.optional_string("uuid")) {
    const auto uuid = parse_uuid(*text);
    if (!uuid) return tl::unexpected(invalid_uuid(*text));
    command.uuid = *uuid;
  }
  return command;
}

nlohmann::ordered_json render_seen(const Query& query, const Device& device) {
  return render(query.reader, device,
                {.sighting = query.parts.presence.look(device.id, query.now),
                 .refused = query.parts.refused.look(device.uuid),
                 .public_domain = query.parts.public_domain,
                 .at = query.now});
}

void add_device_routes(Api& api) {
  api.command("device.register", HttpMethod::post, "/v1/fleets/{org}/{name}/devices",
              register_device);
  api.query("/v1/devices", device_list);
  api.query("/v1/devices/{device}", show_device);
  api.query("/v1/devices/{device}/target", show_target);
  api.command("device.change", HttpMethod::patch, "/v1/devices/{device}", change_device);
  api.command("device.pin", HttpMethod::post, "/v1/devices/{device}/pin", pin_one);
  api.command("device.track-fleet", HttpMethod::post, "/v1/devices/{device}/track-fleet",
              track_one);
  api.command("device.rotate-key", HttpMethod::post, "/v1/devices/{device}/rotate-key", rotate_key);
  api.command("device.pin", HttpMethod::post, "/v1/devices/pin", pin_several);
  api.command("device.track-fleet", HttpMethod::post, "/v1/devices/track-fleet", track_several);
}

}  // namespace muster
