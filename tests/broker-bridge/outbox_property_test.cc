// The outbox against a broker that applies and acknowledges whenever it likes, loses connections,
// and comes back empty or with older state.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "broker-bridge/target_outbox.h"

namespace muster {
namespace {

void expect(bool holds, const std::string& what) {
  if (!holds) RC_FAIL(what);
}

/// What a device should be, as far as it matters here: which changes it had.
struct Wanted {
  FleetId fleet{1};
  std::optional<ReleaseId> pin;
  std::vector<Sequence> changes;  // Ascending.
};

/// The broker: retained targets by device, as the sequence in their payload, and the marker.
struct Retained {
  std::map<DeviceId, Sequence> targets;
  Sequence marker;
};

struct OnItsWay {
  DeviceId device;
  Sequence payload;
  bool applied = false;
};

struct Mark {
  std::variant<DeviceId, Audience> whom;
  Sequence sequence;
};

using Draw = std::array<std::uint8_t, 3>;

/// The log, the bridge around the outbox, and the broker.
class Model {
 public:
  Model() {
    for (int i = 0; i < 4; ++i) add_device(static_cast<std::uint8_t>(i));
    connect();
  }

  void run(const Draw& draw);
  void settle();

  std::map<std::string, int> seen;

 private:
  void change(const Draw& draw);
  void add_device(std::uint8_t chance);
  void change_device(DeviceId id, std::uint8_t chance);
  void change_audience(const Audience& audience);
  void tell();
  void send();
  void apply(std::size_t which);
  void acknowledge(std::uint8_t which);
  void put_marker();
  void lose(std::uint8_t how);
  void connect();
  void check();
  [[nodiscard]] std::vector<DeviceId> members(const Audience& audience, DeviceId after,
                                              std::size_t limit) const;
  [[nodiscard]] bool concerns(const Audience& audience, const Wanted& device) const;

  Sequence head_;
  std::map<DeviceId, Wanted> wanted_;
  std::optional<ReleaseId> fleet_target_;  // Of fleet 1.
  std::deque<Mark> marks_;                 // Folded, and not told to the outbox.
  Sequence told_;
  Sequence at_broker_;
  std::vector<OnItsWay> on_its_way_;
  Retained broker_;
  Retained saved_;  // What a broker with persistence comes back with.
  TargetOutbox outbox_{[this](const Audience& audience, DeviceId after, std::size_t limit) {
    return members(audience, after, limit);
  }};
};

bool Model::concerns(const Audience& audience, const Wanted& device) const {
  if (const auto* fleet = std::get_if<FleetId>(&audience)) {
    return device.fleet == *fleet && !device.pin;
  }
  if (const auto* release = std::get_if<ReleaseId>(&audience)) return device.pin == *release;
  return true;
}

std::vector<DeviceId> Model::members(const Audience& audience, DeviceId after,
                                     std::size_t limit) const {
  std::vector<DeviceId> ids;
  for (const auto& [id, device] : wanted_) {
    if (id > after && ids.size() < limit && concerns(audience, device)) ids.push_back(id);
  }
  return ids;
}

void Model::add_device(std::uint8_t chance) {
  if (wanted_.size() >= 12) return;
  const DeviceId id{static_cast<std::uint32_t>(wanted_.size() + 1)};
  head_ = next(head_);
  wanted_[id] = Wanted{.fleet = FleetId{1U + chance % 2U}, .pin = {}, .changes = {head_}};
  marks_.push_back({id, head_});
}

void Model::change_device(DeviceId id, std::uint8_t chance) {
  head_ = next(head_);
  Wanted& device = wanted_.at(id);
  device.pin.reset();
  if (chance % 3 != 0) device.pin = ReleaseId{chance % 3U};
  device.changes.push_back(head_);
  marks_.push_back({id, head_});
}

void Model::change_audience(const Audience& audience) {
  head_ = next(head_);
  for (auto& [id, device] : wanted_) {
    if (concerns(audience, device)) device.changes.push_back(head_);
  }
  marks_.push_back({audience, head_});
}

void Model::change(const Draw& draw) {
  const DeviceId id{1U + static_cast<std::uint32_t>(draw[2] % wanted_.size())};
  switch (draw[1] % 8) {
    case 0:
    case 1:
    case 2:
      return change_device(id, draw[2]);
    case 3:
    case 4:
      return change_audience(FleetId{1U + draw[2] % 2U});
    case 5:
      return change_audience(ReleaseId{1U + draw[2] % 2U});
    case 6:
      return change_audience(AllDevices{});
    default:
      return add_device(draw[2]);
  }
}

void Model::tell() {
  if (marks_.empty()) return;
  const Mark mark = marks_.front();
  marks_.pop_front();
  if (const auto* device = std::get_if<DeviceId>(&mark.whom)) {
    outbox_.device_changed(*device, mark.sequence);
  } else {
    outbox_.audience_changed(std::get<Audience>(mark.whom), mark.sequence);
  }
  told_ = std::max(told_, mark.sequence);
}

void Model::send() {
  const auto device = outbox_.next();
  if (!device) return;
  for (const OnItsWay& other : on_its_way_) {
    expect(other.device != *device, "at most one publish in flight per device");
  }
  const Sequence payload = wanted_.at(*device).changes.back();
  if (payload <= at_broker_) return outbox_.acknowledged(*device);
  on_its_way_.push_back({*device, payload});
  ++seen["sent"];
}

void Model::apply(std::size_t which) {
  if (on_its_way_.empty()) return;
  OnItsWay& message = on_its_way_[which % on_its_way_.size()];
  if (message.applied) return;
  message.applied = true;
  Sequence& held = broker_.targets[message.device];
  expect(message.payload >= held, "an older target never lands on a newer one");
  held = message.payload;
}

void Model::acknowledge(std::uint8_t which) {
  if (on_its_way_.empty()) return;
  apply(which);
  const auto message =
      on_its_way_.begin() + static_cast<std::ptrdiff_t>(which % on_its_way_.size());
  const DeviceId device = message->device;
  on_its_way_.erase(message);
  outbox_.acknowledged(device);
}

void Model::put_marker() {
  const Sequence low = outbox_.low_water(told_);
  expect(low >= broker_.marker, "the low water does not fall");
  broker_.marker = low;
}

void Model::lose(std::uint8_t how) {
  for (std::size_t i = 0; i < on_its_way_.size(); ++i) {
    if ((how >> (i % 8U)) % 2 == 0) apply(i);
  }
  on_its_way_.clear();
  outbox_.clear();
  if (how % 4 == 1) broker_ = Retained{};
  if (how % 4 == 2) broker_ = saved_;
  ++seen["lost " + std::to_string(how % 4)];
  connect();
}

/// As the bridge does it.
void Model::connect() {
  marks_.clear();
  told_ = head_;
  at_broker_ = broker_.marker;
  outbox_.audience_changed(AllDevices{}, next(at_broker_));
}

void Model::run(const Draw& draw) {
  switch (draw[0] % 16) {
    case 0:
    case 1:
    case 2:
      change(draw);
      break;
    case 3:
    case 4:
      tell();
      break;
    case 5:
    case 6:
    case 7:
    case 8:
      send();
      break;
    case 9:
      apply(draw[1]);
      break;
    case 10:
    case 11:
    case 12:
      acknowledge(draw[1]);
      break;
    case 13:
      outbox_.device_came(DeviceId{1U + static_cast<std::uint32_t>(draw[1] % wanted_.size())});
      break;
    case 14:
      put_marker();
      break;
    default:
      if (draw[1] % 4 == 0) lose(draw[2]);
      if (draw[1] % 4 == 1) saved_ = broker_;
  }
  check();
}

void Model::check() {
  const Sequence low = outbox_.low_water(told_);
  expect(low <= told_, "the low water is not above what is known");
  for (const auto& [id, device] : wanted_) {
    const Sequence newest = device.changes.back();
    expect(newest > low || broker_.targets[id] == newest, "the low water claims what is there");
  }
}

void Model::settle() {
  const std::size_t rounds_max = 40 * (wanted_.size() + marks_.size() + 1);
  for (std::size_t i = 0; i < rounds_max; ++i) {
    tell();
    send();
    acknowledge(static_cast<std::uint8_t>(i));
    check();
  }
  expect(outbox_.idle(), "it comes to an end");
  expect(outbox_.low_water(told_) == head_, "in the end the low water is the head");
  for (const auto& [id, device] : wanted_) {
    expect(broker_.targets[id] == device.changes.back(), "in the end the broker has the newest");
  }
}

}  // namespace

TEST_CASE("property: whatever the broker does, it ends with the newest and never goes back") {
  std::map<std::string, int> seen;
  const auto property = [&] {
    const auto draws = *rc::gen::scale(6.0, rc::gen::arbitrary<std::vector<Draw>>());
    Model model;
    for (const Draw& draw : draws) model.run(draw);
    model.settle();
    for (const auto& [what, count] : model.seen) seen[what] += count;
  };
  CHECK(rc::check("the broker agrees with the log", property));
  for (const std::string what : {"sent", "lost 0", "lost 1", "lost 2"}) {
    CAPTURE(what);
    CHECK(seen[what] > 0);
  }
}

}  // namespace muster
