#include "broker-bridge/bridge_mailbox.h"

#include "broker-bridge/channel/topic.h"
#include "broker-bridge/credentials/control_message.h"

namespace muster {
namespace {

constexpr std::size_t marks_max = 100'000;
constexpr std::size_t devices_part = 50;  // Of a look: the bridge has more to do than to listen.
constexpr std::size_t control_max = 10'000;

using Whom = std::variant<DeviceId, Audience>;

/// Whose keys an event changes.
std::optional<DeviceId> keys_concerned(const Event& event) {
  if (const auto* e = std::get_if<DeviceKeyRotated>(&event)) return e->id;
  if (const auto* e = std::get_if<DeviceKeyRetired>(&event)) return e->id;
  if (const auto* e = std::get_if<DeviceDeleted>(&event)) return e->id;
  // The keys of the device that had the uuid before are no good.
  const auto* e = std::get_if<DeviceRegistered>(&event);
  return e != nullptr && e->previous ? std::optional(e->id) : std::nullopt;
}

/// Marks those whose settings, or whether they are told anything at all, an event changes.
void mark_resettled(const Recorded& recorded, const auto& mark) {
  const Event& event = recorded.event;
  const auto whole = [&](FleetId fleet) {
    return Whom(Audience(WholeFleet{.fleet = fleet, .since = recorded.sequence}));
  };
  if (const auto* e = std::get_if<DevicePublicUrlSet>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceLockOverrideSet>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceLocalModeSet>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceSupportGranted>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceDeactivated>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceReactivated>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceDeleted>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<FleetPublicUrlsSet>(&event)) return mark(whole(e->fleet));
  if (const auto* e = std::get_if<FleetSupportGranted>(&event)) return mark(whole(e->fleet));
  if (const auto* e = std::get_if<FleetDeleted>(&event)) return mark(whole(e->fleet));
  // When a grant would expire was told with it.
  const auto* own = std::get_if<DeviceSupportEnded>(&event);
  if (own != nullptr && own->how == GrantEnd::revoked) return mark(Whom(own->id));
  const auto* fleets = std::get_if<FleetSupportEnded>(&event);
  if (fleets != nullptr && fleets->how == GrantEnd::revoked) return mark(whole(fleets->fleet));
}

bool lets_out(const Event& event) {
  return std::holds_alternative<DeviceDeleted>(event) ||
         std::holds_alternative<FleetDeleted>(event);
}

/// Marks those whose targets an event changes: nobody for most events.
void mark_concerned(const Recorded& recorded, const auto& mark) {
  const Event& event = recorded.event;
  // Deliberately not exhaustive: an event concerns no target unless it is named here.
  if (const auto* e = std::get_if<DeviceRegistered>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DevicePinned>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceTrackingFleet>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceEncodingChanged>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<DeviceMoved>(&event)) return mark(Whom(e->id));
  if (const auto* e = std::get_if<ActionQueued>(&event); e && e->by_move) {
    return mark(Whom(e->device));
  }
  if (const auto* e = std::get_if<ActionEnded>(&event); e && e->releases_target) {
    return mark(Whom(e->device));
  }
  if (const auto* e = std::get_if<FleetTargetChanged>(&event)) {
    return mark(Whom(Audience(e->fleet)));
  }
  if (const auto* e = std::get_if<ReleaseFinalized>(&event)) return mark(Whom(Audience(e->id)));
  mark_resettled(recorded, mark);
}

/// Whose queues of actions an event changes, so that another one may be the head.
std::optional<QueueMark> queues_concerned(const Event& event) {
  // Deliberately not exhaustive, as `concerned`.
  if (const auto* e = std::get_if<ActionQueued>(&event)) return e->device;
  if (const auto* e = std::get_if<ActionEnded>(&event)) return e->device;
  if (const auto* e = std::get_if<ActionCancelRequested>(&event)) return e->device;
  if (const auto* e = std::get_if<DeviceBooted>(&event)) return e->id;
  if (const auto* e = std::get_if<DeviceReactivated>(&event)) return e->id;
  if (const auto* e = std::get_if<FleetActionQueued>(&event)) return e->fleet;
  if (const auto* e = std::get_if<FleetActionEnded>(&event)) return e->fleet;
  return std::nullopt;
}

}  // namespace

void BridgeMailbox::on_message(MqttMessage message) {
  {
    const std::scoped_lock lock(mutex_);
    if (message.topic == marker_topic) {
      mail_.marker = std::move(message.payload);
    } else if (message.topic == probe_topic) {
      mail_.probe = std::move(message.payload);
    } else if (message.topic == control_response_topic) {
      add_control(std::move(message));
    } else {
      dropped_ += from_devices_.add(std::move(message)) ? 0 : 1;
    }
  }
  filled_.notify_one();
}

void BridgeMailbox::add_control(MqttMessage message) {
  if (mail_.control.size() >= control_max) {
    ++dropped_;
    return;
  }
  mail_.control.push_back(std::move(message.payload));
}

void BridgeMailbox::on_delivered(DeliveryId id) {
  const bool enough = [&] {
    const std::scoped_lock lock(mutex_);
    mail_.delivered.push_back(id);
    return mail_.delivered.size() >= delivered_min_;
  }();
  if (enough) filled_.notify_one();
}

void BridgeMailbox::on_lost(std::string reason) {
  {
    const std::scoped_lock lock(mutex_);
    mail_.lost = std::move(reason);
  }
  filled_.notify_one();
}

void BridgeMailbox::on_folded(std::span<const Recorded> events) {
  {
    const std::scoped_lock lock(mutex_);
    for (const Recorded& recorded : events) {
      mark_concerned(recorded, [&](const Whom& whom) {
        add_mark(TargetMark{whom, recorded.sequence, lets_out(recorded.event)});
      });
      if (const auto device = keys_concerned(recorded.event)) mail_.keys.push_back(*device);
      if (const auto mark = queues_concerned(recorded.event)) add_queue(*mark);
      if (std::holds_alternative<ActionEnded>(recorded.event)) ++mail_.ended;
      if (const auto* gone = std::get_if<FleetDeleted>(&recorded.event)) {
        mail_.revoked.push_back(gone->fleet);
      }
    }
    if (!events.empty()) mail_.folded = events.back().sequence;
  }
  filled_.notify_one();
}

void BridgeMailbox::add_mark(const TargetMark& mark) {
  if (mail_.marks.size() >= marks_max) {
    const Sequence oldest = mail_.marks.front().sequence;
    mail_.marks.assign(1, TargetMark{Audience(AllDevices{}), oldest});
  }
  mail_.marks.push_back(mark);
}

void BridgeMailbox::add_queue(const QueueMark& mark) {
  if (mail_.queues.size() >= marks_max) mail_.queues.assign(1, AllDevices{});
  mail_.queues.push_back(mark);
}

void BridgeMailbox::on_decided(const SendingDecided& decided) {
  {
    const std::scoped_lock lock(mutex_);
    mail_.sendings.push_back(decided);
  }
  filled_.notify_one();
}

void BridgeMailbox::on_reported(const Uuid& device) {
  {
    const std::scoped_lock lock(mutex_);
    mail_.reported.push_back(device);
  }
  filled_.notify_one();
}

void BridgeMailbox::wake() {
  {
    const std::scoped_lock lock(mutex_);
    awake_ = true;
  }
  filled_.notify_one();
}

void BridgeMailbox::start_anew() {
  const std::scoped_lock lock(mutex_);
  BridgeMail kept;
  kept.reported = std::move(mail_.reported);
  kept.folded = mail_.folded;
  mail_ = std::move(kept);
  from_devices_.clear();
}

BridgeMail BridgeMailbox::take(std::chrono::steady_clock::time_point deadline,
                               std::size_t delivered_min) {
  std::unique_lock lock(mutex_);
  delivered_min_ = delivered_min;
  filled_.wait_until(lock, deadline, [this] {
    return awake_ || mail_.lost || mail_.marker || mail_.probe || !mail_.marks.empty() ||
           mail_.delivered.size() >= delivered_min_ || !mail_.keys.empty() ||
           !mail_.revoked.empty() || !mail_.control.empty() || !from_devices_.empty() ||
           !mail_.reported.empty() || !mail_.queues.empty() || !mail_.sendings.empty();
  });
  awake_ = false;
  BridgeMail taken = std::move(mail_);
  mail_ = BridgeMail{};
  mail_.folded = taken.folded;
  taken.from_devices = from_devices_.take(devices_part);
  return taken;
}

std::uint64_t BridgeMailbox::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace muster
