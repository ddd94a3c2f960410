#include "tools/server/api/export/cloud_event.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/server/api/history/event_line.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

/// What the event is about, as a path: `devices/4f1c…`, `releases/31`.
std::string path_of(const Subject& subject, Names& names) {
  switch (subject.kind) {
    case EntityKind::log:
      return "log";
    case EntityKind::device_type:
      return fmt::format("device-types/{}", names.of(DeviceTypeId{subject.id}));
    case EntityKind::organisation:
      return fmt::format("organisations/{}", names.of(OrganisationId{subject.id}));
    case EntityKind::user:
      return fmt::format("users/{}", names.of(UserId{subject.id}));
    case EntityKind::token:
      return fmt::format("tokens/{}", subject.id);
    case EntityKind::fleet:
      return fmt::format("fleets/{}", names.of(FleetId{subject.id}));
    case EntityKind::release:
      return fmt::format("releases/{}", subject.id);
    case EntityKind::device:
      return fmt::format("devices/{}", names.of(DeviceId{subject.id}));
    case EntityKind::saved_view:
      return fmt::format("views/{}", subject.id);
    case EntityKind::provisioning_key:
      return fmt::format("provisioning-keys/{}", subject.id);
  }
  return "log";
}

}  // namespace

std::string cloud_event(const Recorded& recorded, const Uuid& log, Names& names,
                        HistorySight& sight) {
  const Json line = event_line(recorded, names, sight);
  Json event{{"specversion", "1.0"},
             {"id", fmt::format("{}", recorded.sequence.value())},
             {"source", fmt::format("urn:muster:log:{}", to_string(log))},
             {"type", fmt::format("muster.{}", name_of(recorded.event))},
             {"subject", path_of(subject_of(recorded.event), names)},
             {"time", line["at"]},
             {"datacontenttype", "application/json"},
             {"sequence", fmt::format("{:016}", recorded.sequence.value())},
             {"actor", line["actor"]},
             {"command", line["command"]},
             {"commandindex", line["index"]},
             {"commandcount", line["count"]}};
  for (const std::string_view name : {"token", "reason"}) {
    if (!line[name].is_null()) event[name] = line[name];
  }
  event["data"] = line["details"];
  return event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace muster
