#include "tools/server/api/actions/action_answer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <span>

#include "core/domain/actions/applicability.h"

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

/// How many devices the command asked something of.
struct Asked {
  std::uint32_t queued = 0;
  std::uint32_t merged = 0;
  std::uint32_t skipped = 0;
};

Asked count_asked(std::span<const Recorded> events) {
  Asked asked;
  for (const Recorded& recorded : events) {
    if (const auto* one = std::get_if<ActionQueued>(&recorded.event)) {
      asked.queued += one->by_move ? 0 : 1;
    } else if (const auto* all = std::get_if<FleetActionQueued>(&recorded.event)) {
      asked.queued += all->devices;
    } else if (std::holds_alternative<ActionMerged>(recorded.event)) {
      asked.merged += 1;
    } else if (const auto* skip = std::get_if<ActionSkipped>(&recorded.event)) {
      const auto devices = static_cast<std::uint32_t>(skip->devices.size());
      asked.skipped += devices;
      if (skip->fleet != FleetId{}) asked.queued -= devices;
    }
  }
  return asked;
}

/// What people must know of the data of devices that were moved without a purge.
void add_notes(Json& answer, const Reader& reader, std::span<const Recorded> events) {
  Json notes = Json::array();
  for (const Recorded& recorded : events) {
    const auto* moved = std::get_if<DeviceMoved>(&recorded.event);
    const auto device = moved == nullptr || moved->data_of ? std::nullopt : reader.find(moved->id);
    if (!device || may_have_volumes(*device)) continue;
    notes.push_back(fmt::format(
        "device {}: its host OS is {}, older than {}: the data of the old "
        "fleet stays on it; `muster device purge {}` deletes it",
        to_string(device->uuid), device->os_version, os_with_volumes, to_string(device->uuid)));
  }
  if (!notes.empty()) answer["notes"] = std::move(notes);
}

}  // namespace

void add_action_fields(Json& answer, const Reader& reader, const Accepted& accepted) {
  const Asked asked = count_asked(accepted.events());
  if (asked.queued + asked.merged + asked.skipped > 0) {
    if (!accepted.dry_run) answer["id"] = to_string(accepted.events().front().meta.command);
    answer["queued"] = asked.queued;
    answer["merged"] = asked.merged;
    answer["skipped"] = asked.skipped;
  }
  add_notes(answer, reader, accepted.events());
}

}  // namespace muster
