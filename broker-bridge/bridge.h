#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "broker-bridge/channel/payload.h"
#include "broker-bridge/gate/refused_connects.h"
#include "broker-bridge/mqtt_client.h"
#include "broker-bridge/presence.h"
#include "broker-bridge/reconcile/reconcile_report.h"
#include "core/base/clock.h"
#include "core/engine/engine.h"
#include "projections/runner.h"
#include "projections/view_store.h"

namespace muster {

struct BridgeOptions {
  std::string host;
  std::uint16_t port = 0;
  std::string username;  // Empty: none.
  std::string password;
  std::optional<TlsFiles> tls;  // Only with TLS, then.
  LogIdentity identity;
  unsigned spread_s = 30;                // Over which devices say again that they are there.
  std::chrono::seconds silence_max{10};  // In flight and no answer: the connection is dead.
  std::chrono::milliseconds marker_every{1'000};
  std::chrono::milliseconds reconcile_every = std::chrono::hours{6};
  bool reconcile_on_start = false;  // After the first connection: the broker may have been used.
  bool guarded = false;             // The broker must have our plugin: without it, it is not used.
};

/// How the bridge is, for operators.
struct BridgeHealth {
  bool connected = false;
  bool guarded = false;           // The broker has our plugin, which checks devices' keys.
  std::uint64_t connections = 0;  // Made since the start.
  std::string last_problem;       // Why the last connection ended or could not be made.
  std::string alarm;              // What an operator must look at; empty: nothing.
  Sequence low_water;             // Every target change up to here is at the broker.
  std::size_t in_flight = 0;
  std::uint64_t published = 0;  // Targets, since the start.
  std::uint64_t refused = 0;    // Messages of devices that fit the contract not at all.
  std::optional<ReconcileReport> reconciled;  // The last time.
};

/// Makes the broker agree with the log: publishes targets as retained messages, and takes in what
/// devices say. The broker is a cache; there is no outbox on disk (docs/device-channel.md).
///
/// Runs on an own thread. While the broker is away, commands go on; on every new connection the
/// marker kept at the broker says which targets it may lack.
class Bridge {
 public:
  /// The references must outlive the bridge, but for `runner`: it tells the bridge of events, so
  /// it must end before it. It must not follow yet.
  struct Parts {
    Engine& engine;
    const ViewStore& store;
    Runner& runner;
    PresenceTable& presence;
    RefusedConnects& refused;
    Clock& clock;
  };
  Bridge(BridgeOptions options, Parts parts);
  Bridge(const Bridge&) = delete;
  Bridge& operator=(const Bridge&) = delete;

  /// Tells the devices that the server's side goes, says goodbye to the broker and stops.
  ~Bridge();

  /// Starts the thread. Call once.
  void start();

  /// Waits until the bridge is connected, and has opened the gate where the broker has one.
  /// Errors: unavailable, with what keeps it from that.
  [[nodiscard]] Result<void> await_connection(std::chrono::milliseconds timeout) const;

  /// Any thread.
  [[nodiscard]] BridgeHealth health() const;

  /// Compares all retained targets of the broker with the log, and mends what differs: publishes
  /// what is missing, old or unreadable and clears what belongs to no device. What is newer than
  /// the log is an alarm and not touched. `done` is called when the broker has acknowledged all.
  /// Any thread. Errors: unavailable (not connected, the connection was lost, one runs already).
  void reconcile(ReconcileDone done);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace muster
