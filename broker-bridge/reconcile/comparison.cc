#include "broker-bridge/reconcile/comparison.h"

#include <algorithm>
#include <utility>

#include "core/domain/target.h"
#include "projections/reader.h"

namespace muster {

Comparison::Comparison(RetainedTargets retained, const Basis& basis)
    : retained_(std::move(retained)), owned_(retained_.targets().size()), basis_(basis) {
  findings_.counts.retained = retained_.targets().size() + retained_.strange_topics().size();
}

void Comparison::device(const ExpectedTarget& expected) {
  const auto targets = retained_.targets();
  const auto found =
      std::ranges::lower_bound(targets, expected.device, {}, &RetainedTarget::device);
  if (found != targets.end() && found->device == expected.device) {
    owned_[static_cast<std::size_t>(found - targets.begin())] = true;
    judge(expected, *found);
  } else if (expected.changed <= basis_.settled) {
    ++findings_.counts.missing;
    findings_.publish.push_back(expected.id);
  }
}

void Comparison::judge(const ExpectedTarget& expected, const RetainedTarget& retained) {
  const auto& version = retained.version;
  if (version && version->epoch == basis_.epoch) {
    const bool same = version->sequence == expected.sequence;
    if (same && version->encoding == expected.encoding) return;
    if (version->sequence > expected.sequence) {
      ++findings_.counts.newer;
      findings_.newer = retained.device;
      return;
    }
  }
  if (expected.changed > basis_.settled) return;
  ++(version ? findings_.counts.older : findings_.counts.unreadable);
  findings_.publish.push_back(expected.id);
}

Findings Comparison::finish() {
  const auto targets = retained_.targets();
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (owned_[i]) continue;
    const auto& version = targets[i].version;
    // Of a device that joined after the log's end: the log was put back to an older state.
    if (version && version->epoch == basis_.epoch && version->sequence > basis_.head) {
      ++findings_.counts.newer;
      findings_.newer = targets[i].device;
    } else {
      findings_.clear.push_back(targets[i].device);
    }
  }
  findings_.clear_also = retained_.strange_topics();
  findings_.counts.cleared = findings_.clear.size() + findings_.clear_also.size();
  return std::move(findings_);
}

Findings compare(RetainedTargets retained, const Basis& basis, const Reader& reader) {
  Comparison comparison(std::move(retained), basis);
  reader.each_device({}, [&](const Device& device) {
    const auto fleet = reader.find(device.fleet);
    if (!fleet) return true;
    std::optional<Release> release;
    if (const auto wanted = target_release(device, *fleet)) release = reader.find(*wanted);
    const Target target = target_of(device, *fleet, release ? &*release : nullptr);
    if (!target.told) return true;
    comparison.device({.id = device.id,
                       .device = device.uuid,
                       .sequence = target.changed.sequence,
                       .encoding = device.encoding,
                       .changed = message_changed(device, target)});
    return true;
  });
  return comparison.finish();
}

}  // namespace muster
