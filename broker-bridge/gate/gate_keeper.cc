#include "broker-bridge/gate/gate_keeper.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "projections/reader.h"

namespace muster {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t steps_max = 200;  // In a request: each is at most 64 bytes.
constexpr std::chrono::seconds answer_within{10};

static_assert(DeviceKeys::none_good.value() == no_generation);

}  // namespace

GateKeeper::GateKeeper(const Bridge::Parts& parts) : parts_(parts) {}

void GateKeeper::start_anew() {
  there_ = false;
  asked_.reset();
  used_.clear();
  waiting_.assign(1, BeginTable{});
  const Reader reader(parts_.store);
  reader.each_device_with_new_keys([&](DeviceId id, const DeviceKeys& keys) {
    add_steps(reader, id, keys);
    return true;
  });
  reader.each_revoked_fleet([&](FleetId fleet) {
    revoke(reader, fleet);
    return true;
  });
  waiting_.emplace_back(OpenGate{});
}

void GateKeeper::add_steps(const Reader& reader, DeviceId id, const DeviceKeys& keys) {
  const auto row = reader.find(id);
  const auto newest = row ? reader.find_device(row->uuid) : std::nullopt;
  if (!newest || newest->id != id) return;  // Its uuid has a new life, with keys of its own.
  const Uuid& device = row->uuid;
  // Closed before it is refused: what the plugin closes of itself sends its will.
  if (keys.minimum == DeviceKeys::none_good) waiting_.emplace_back(KickDevice{device});
  if (keys.minimum > Sequence{}) {
    waiting_.emplace_back(SetMinimum{device, keys.minimum.value()});
  }
  if (keys.newest > keys.minimum) waiting_.emplace_back(WatchKey{device, keys.newest.value()});
}

void GateKeeper::revoke(const Reader& reader, FleetId fleet) {
  const auto add = [&](DeviceId id, bool) {
    add_steps(reader, id, {.newest = {}, .minimum = DeviceKeys::none_good});
    return true;
  };
  reader.each_device_of(fleet, {}, add);
  reader.each_resting_device_of(fleet, add);
}

std::optional<std::string> GateKeeper::next_request() {
  if (asked_ || waiting_.empty()) return std::nullopt;
  ControlRequest request{.id = ++last_id_, .steps = {}};
  const auto count = std::min(steps_max, waiting_.size());
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  request.steps.assign(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  asked_ = Asked{.id = request.id, .at = steady_clock::now()};
  return render(request);
}

Result<void> GateKeeper::take(const std::vector<std::string>& said) {
  for (const std::string& text : said) {
    const auto notices = parse_control_notices(text);
    if (!notices) {
      log_warn("broker plugin not understood: cause=\"{}\"", notices.error().message);
      continue;
    }
    for (const ControlNotice& notice : *notices) {
      const auto taken = std::visit([this](const auto& each) { return take_notice(each); }, notice);
      if (!taken) return taken;
    }
  }
  return {};
}

Result<void> GateKeeper::take_notice(const ControlAnswer& answer) {
  if (!asked_ || answer.id != asked_->id) return {};  // To a connection before this one.
  there_ = true;
  asked_.reset();
  if (answer.problem.empty()) return {};
  return fail(ErrorCode::unavailable,
              fmt::format("the broker's plugin refused a request: {}", answer.problem));
}

Result<void> GateKeeper::take_notice(const KeyUsed& used) {
  const auto device = Reader(parts_.store).find_device(used.device);
  if (device) {
    used_.insert_or_assign(device->id, RetireDeviceKeys{.device = used.device,
                                                        .generation = Sequence{used.generation}});
  }
  return {};
}

Result<void> GateKeeper::take_notice(const ConnectsRefused& refused) {
  if (!Reader(parts_.store).find_device(refused.device)) return {};
  parts_.refused.add(refused.device, {.count = refused.count,
                                      .cause = refused.cause,
                                      .last = Timestamp{std::chrono::seconds{refused.last_s}}});
  log_info("connects refused: device={} cause={} count={}", to_string(refused.device),
           to_string(refused.cause), refused.count);
  return {};
}

Result<void> GateKeeper::check_silence() const {
  if (!asked_ || !there_ || steady_clock::now() < asked_->at + answer_within) return {};
  return fail(ErrorCode::unavailable,
              fmt::format("the broker's plugin did not answer within {} s", answer_within.count()));
}

void GateKeeper::keys_changed(DeviceId device) {
  if (!there_) return;
  const Reader reader(parts_.store);
  if (const auto keys = reader.new_keys_of(device)) add_steps(reader, device, *keys);
}

void GateKeeper::fleet_revoked(FleetId fleet) {
  if (there_) revoke(Reader(parts_.store), fleet);
}

void GateKeeper::came(DeviceId device) {
  const auto found = used_.find(device);
  if (found == used_.end()) return;
  retiring_.push_back(found->second);
  used_.erase(found);
}

bool GateKeeper::submit() {
  while (!retiring_.empty()) {
    Command command{.id = random_ulid(parts_.clock.now()), .body = retiring_.front()};
    const auto queued = parts_.engine.submit(
        std::move(command), [device = retiring_.front().device](const Outcome& outcome) {
          if (!outcome) log_warn("old keys not retired: device={}", to_string(device));
        });
    if (!queued) return true;
    retiring_.pop_front();
  }
  return false;
}

}  // namespace muster
