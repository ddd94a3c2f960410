#include "broker-bridge/bridge.h"

#include <utility>

#include "broker-bridge/bridge_loop.h"

namespace muster {

Bridge::Bridge(BridgeOptions options, Parts parts)
    : loop_(std::make_unique<Loop>(std::move(options), parts)) {}

Bridge::~Bridge() = default;

void Bridge::start() { loop_->start(); }

Result<void> Bridge::await_connection(std::chrono::milliseconds timeout) const {
  return loop_->await_connection(timeout);
}

BridgeHealth Bridge::health() const { return loop_->health(); }

void Bridge::reconcile(ReconcileDone done) { loop_->reconcile(std::move(done)); }

}  // namespace muster
