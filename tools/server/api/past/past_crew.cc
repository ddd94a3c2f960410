#include "tools/server/api/past/past_crew.h"

#include <algorithm>

#include "projections/history/history_reader.h"

namespace muster {
namespace {

void add_crew(const Reader& reader, FleetId fleet, Sequence moment, std::vector<DeviceId>& crew) {
  const auto add = [&crew](DeviceId id, bool) {
    crew.push_back(id);
    return true;
  };
  reader.each_device_of(fleet, {}, add);
  reader.each_resting_device_of(fleet, add);
  HistoryReader(reader.snapshot()).each(crew_of(fleet), next(moment), [&](const HistoryEntry& e) {
    if (e.kind == "DeviceMoved" || e.kind == "DeviceDeleted") crew.push_back(e.device);
    return true;
  });
}

}  // namespace

std::vector<DeviceId> possible_crew(const Reader& reader, const std::vector<FleetId>& fleets,
                                    Sequence moment) {
  std::vector<DeviceId> crew;
  for (const FleetId fleet : fleets) add_crew(reader, fleet, moment, crew);
  std::ranges::sort(crew);
  const auto doubles = std::ranges::unique(crew);
  crew.erase(doubles.begin(), doubles.end());
  return crew;
}

}  // namespace muster
