#include "tests/broker-bridge/bridge_support.h"

#include <doctest/doctest.h>
#include <signal.h>

#include "broker-bridge/channel/topic.h"
#include "core/domain/target.h"
#include "projections/reader.h"
#include "tests/support/broker_support.h"

namespace muster::test {

using muster::test::comes_true;
using namespace std::chrono_literals;

Broker::Broker(bool persistence) {
  EmbeddedBrokerOptions options;
  options.run_folder = folder_.path() / "broker";
  options.persistence = persistence;
  options.log = System::id;
  options.device_keys = keys_.public_pem();
  auto started = EmbeddedBroker::start(options, nullptr);
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  broker_ = std::move(*started);
  port_ = broker_->port();
  login_ = broker_->login();
}

void Broker::kill() {
  const int before = broker_->restarts();
  REQUIRE(::kill(broker_->pid(), SIGKILL) == 0);
  REQUIRE(comes_true([&] { return broker_->restarts() > before && broker_->pid() != 0; }, 20s));
}

void Broker::save() {
  const auto file = folder_.path() / "broker" / "mosquitto.db";
  std::filesystem::remove(file);
  REQUIRE(::kill(broker_->pid(), SIGUSR1) == 0);
  // Written beside it and renamed: when it is there, it is whole.
  REQUIRE(comes_true([&] { return std::filesystem::exists(file); }, 20s));
}

BridgeOptions options_for(const Broker& broker, const System& system,
                          std::chrono::milliseconds reconcile_every) {
  BridgeOptions options{.host = "127.0.0.1",
                        .port = broker.port(),
                        .username = broker.login().username,
                        .password = broker.login().password,
                        .identity = {.log = system.id, .epoch = System::epoch},
                        .spread_s = 1,
                        .marker_every = 50ms,
                        .guarded = true};
  if (reconcile_every > 0ms) {
    options.reconcile_every = reconcile_every;
    options.reconcile_on_start = true;
  }
  return options;
}

Bridged::Bridged(const Broker& broker, EngineOptions options,
                 std::chrono::milliseconds reconcile_every)
    : system(broker.data(), options),
      bridge(std::make_unique<Bridge>(options_for(broker, system, reconcile_every), parts())) {}

Bridge::Parts Bridged::parts() {
  return {.engine = system.engine(),
          .store = system.store(),
          .runner = system.runner(),
          .presence = presence,
          .refused = refused,
          .clock = system.clock()};
}

Bridged::~Bridged() { system.stop_following(); }

void Bridged::start() {
  system.follow();
  bridge->start();
  REQUIRE(comes_true([&] { return health().connected; }, 20s));
}

bool Bridged::settled(const Watcher& watcher) {
  return comes_true(
      [&] {
        const Sequence head = system.log().head();
        return health().connected && health().low_water == head &&
               watcher.last(marker_topic) == marker_payload(identity(), head);
      },
      20s);
}

bool Bridged::has_all_targets(const Watcher& watcher) {
  const Reader reader(system.store());
  std::size_t wrong = 0;
  reader.each_device({}, [&](const Device& device) {
    const Fleet fleet = *reader.find(device.fleet);
    std::optional<Release> release;
    if (const auto wanted = target_release(device, fleet)) release = reader.find(*wanted);
    const Target target = target_of(device, fleet, release ? &*release : nullptr);
    if (!target.told) return true;
    const std::string expected = target_payload(identity(), fleet, target, device.encoding);
    if (watcher.last(target_topic(device.uuid)) != expected) ++wrong;
    return true;
  });
  return wrong == 0;
}

}  // namespace muster::test
