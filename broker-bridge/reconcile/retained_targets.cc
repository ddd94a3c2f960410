#include "broker-bridge/reconcile/retained_targets.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "broker-bridge/channel/topic.h"

namespace muster {
namespace {

constexpr std::size_t targets_max = 4'000'000;
constexpr std::size_t strange_max = 1'000;  // The others are heard the next time.

}  // namespace

void RetainedTargets::hear(const std::string& topic, std::string_view payload) {
  const auto device = parse_target_topic(topic);
  if (!device) return hear_strange(topic, payload.empty());
  if (targets_.size() == targets_max) {
    overflowed_ = true;
    return;
  }
  RetainedTarget heard{.device = *device,
                       .version = {},
                       .gone = payload.empty(),
                       .order = static_cast<std::uint32_t>(targets_.size())};
  if (const auto version = parse_target_version(payload)) heard.version = *version;
  targets_.push_back(heard);
}

void RetainedTargets::hear_strange(const std::string& topic, bool gone) {
  const auto kept = std::ranges::find(strange_, topic);
  if (gone && kept != strange_.end()) {
    strange_.erase(kept);
  } else if (!gone && kept == strange_.end() && strange_.size() < strange_max) {
    strange_.push_back(topic);
  }
}

void RetainedTargets::settle() {
  std::ranges::sort(targets_, [](const RetainedTarget& a, const RetainedTarget& b) {
    return std::tie(a.device, a.order) < std::tie(b.device, b.order);
  });
  std::vector<RetainedTarget>::iterator end = targets_.begin();
  for (const RetainedTarget& heard : targets_) {
    const bool again = end != targets_.begin() && std::prev(end)->device == heard.device;
    if (again) --end;
    *end++ = heard;
  }
  targets_.erase(end, targets_.end());
  std::erase_if(targets_, [](const RetainedTarget& heard) { return heard.gone; });
}

}  // namespace muster
