#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "broker-bridge/bridge.h"
#include "broker-bridge/credentials/signing_key.h"
#include "broker-bridge/embedded_broker.h"
#include "projections/reader.h"
#include "tests/broker-bridge/watcher.h"
#include "tests/support/system.h"
#include "tests/support/temporary_folder.h"

namespace muster::test {

/// A mosquitto, and a folder for it and for a system beside it.
class Broker {
 public:
  explicit Broker(bool persistence = false);

  /// Ends as if by a power cut, and returns when it is back.
  void kill();

  /// Has it write its retained messages to disk, as it does by itself now and then.
  void save();

  /// Ends for good.
  void stop() { broker_.reset(); }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const BrokerLogin& login() const { return login_; }

  /// A password with which the broker lets that device of a `System` in.
  [[nodiscard]] std::string token(const Uuid& device, Sequence generation) const {
    return keys_.sign({.issuer = System::id,
                       .subject = device,
                       .generation = generation.value(),
                       .expires_at = {}});
  }
  [[nodiscard]] std::filesystem::path data() const { return folder_.path() / "data"; }

 private:
  TemporaryFolder folder_;
  const SigningKey keys_ = SigningKey::generate();
  std::unique_ptr<EmbeddedBroker> broker_;
  BrokerLogin login_;
  std::uint16_t port_ = 0;
};

/// A system in the data folder of `broker`, with a bridge to it.
class Bridged {
 public:
  /// `reconcile_every`: on schedule, also at the start; 0: only on demand.
  explicit Bridged(const Broker& broker, EngineOptions options = {},
                   std::chrono::milliseconds reconcile_every = {});
  Bridged(const Bridged&) = delete;
  Bridged& operator=(const Bridged&) = delete;
  ~Bridged();

  /// Starts the bridge; the views follow the log.
  void start();

  /// Waits until the broker has every change of the log and a marker that says so.
  [[nodiscard]] bool settled(const Watcher& watcher);

  /// Whether `watcher` has exactly the targets of the log.
  [[nodiscard]] bool has_all_targets(const Watcher& watcher);

  [[nodiscard]] LogIdentity identity() const { return {.log = system.id, .epoch = System::epoch}; }
  [[nodiscard]] Bridge::Parts parts();
  [[nodiscard]] BridgeHealth health() const { return bridge->health(); }
  [[nodiscard]] Sighting look(const Uuid& device) { return look(device, now()); }
  [[nodiscard]] Sighting look(const Uuid& device, Timestamp at) {
    return presence.look(Reader(system.store()).find_device(device).value().id, at);
  }
  [[nodiscard]] Timestamp now() { return system.clock().now(); }

  System system;
  PresenceTable presence;
  RefusedConnects refused;
  std::unique_ptr<Bridge> bridge;
};

BridgeOptions options_for(const Broker& broker, const System& system,
                          std::chrono::milliseconds reconcile_every = {});

}  // namespace muster::test
