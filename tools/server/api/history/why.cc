#include "tools/server/api/history/why.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

#include "core/domain/lifecycle/lives.h"

namespace muster {
namespace {

constexpr Sequence the_end{std::numeric_limits<std::uint64_t>::max()};

/// Puts the chain together, cause by cause.
class Chain {
 public:
  Chain(const Reader& reader, const EventFetch& events)
      : history_(reader.snapshot()), events_(events) {}

  /// Once: an event keeps its first role.
  Result<void> add(CauseRole role, Sequence sequence) {
    const auto is_it = [&](const Cause& cause) { return cause.event.sequence == sequence; };
    if (std::ranges::any_of(links_, is_it)) return {};
    return events_.at(sequence).map(
        [&](Recorded one) { links_.push_back({role, std::move(one)}); });
  }

  /// The last event of these types in the stream, if there is one.
  Result<void> add_last(CauseRole role, const Stream& stream,
                        std::initializer_list<std::string_view> kinds) {
    Sequence found;
    history_.each_back(stream, the_end, [&](const HistoryEntry& entry) {
      if (std::ranges::find(kinds, entry.kind) != kinds.end()) found = entry.sequence;
      return found == Sequence{};
    });
    return found == Sequence{} ? Result<void>{} : add(role, found);
  }

  /// The fleet's target, and the events before it in its command.
  Result<void> add_fleet_target(Sequence sequence) {
    return events_.command_at(sequence).map([&](std::vector<Recorded> command) {
      const auto at = std::ranges::find(command, sequence, &Recorded::sequence);
      links_.push_back({CauseRole::target, std::move(*at)});
      for (auto before = at; before != command.begin();) {
        links_.push_back({CauseRole::because, std::move(*--before)});
      }
    });
  }

  std::vector<Cause> take() { return std::move(links_); }

 private:
  const HistoryReader history_;
  const EventFetch& events_;
  std::vector<Cause> links_;
};

Result<void> add_target(Chain& chain, const Why& why) {
  const Stream own = stream_of(why.device.id);
  if (why.device.pin) {
    return chain.add_last(CauseRole::target, own, {"DevicePinned", "DeviceMoved"});
  }
  if (!why.fleet.target) return {};
  return chain.add_fleet_target(why.fleet.target_changed.sequence);
}

Result<void> add_end(Chain& chain, const Why& why) {
  switch (why.lifecycle) {
    case Lifecycle::active:
      return {};
    case Lifecycle::orphaned:
      return chain.add(CauseRole::ended, why.fleet.deleted);
    case Lifecycle::deactivated:
    case Lifecycle::deleted:
      break;
  }
  return chain.add_last(CauseRole::ended, stream_of(why.device.id),
                        {"DeviceDeactivated", "DeviceDeleted"});
}

}  // namespace

std::string_view to_string(CauseRole role) noexcept {
  switch (role) {
    case CauseRole::target:
      return "target";
    case CauseRole::because:
      return "because";
    case CauseRole::ended:
      return "ended";
    case CauseRole::follows:
      return "follows";
    case CauseRole::release:
      break;
  }
  return "release";
}

Result<Why> find_why(const Reader& reader, const EventFetch& events, const Device& device) {
  const auto fleet = reader.find(device.fleet);
  if (!fleet) return fail(ErrorCode::corrupt, "the fleet of a device is missing");
  Why why{.device = device, .fleet = *fleet, .release = {}, .chain = {}};
  why.lifecycle = lifecycle_of(device, *fleet);
  const bool told = why.lifecycle == Lifecycle::active;
  const auto wanted = target_release(device, *fleet);
  if (wanted) why.release = reader.find(*wanted);
  why.target_sequence =
      target_of(device, *fleet, why.release ? &*why.release : nullptr).changed.sequence;
  if (!told) why.release.reset();
  Chain chain(reader, events);
  const bool follows = told && !device.pin;
  auto done = told ? add_target(chain, why) : add_end(chain, why);
  if (done && follows) {
    done = chain.add_last(CauseRole::follows, stream_of(device.id),
                          {"DeviceRegistered", "DeviceMoved", "DeviceTrackingFleet"});
  }
  if (done && why.release) done = chain.add(CauseRole::release, why.release->created);
  if (!done) return tl::unexpected(done.error());
  why.chain = chain.take();
  return why;
}

}  // namespace muster
