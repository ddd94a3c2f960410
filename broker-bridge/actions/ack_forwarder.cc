#include "broker-bridge/actions/ack_forwarder.h"

#include <utility>

#include "core/base/log.h"

namespace muster {
namespace {

constexpr std::size_t waiting_max = 100'000;

void log_refusal(const Outcome& outcome) {
  if (outcome) return;
  if (const auto* rejection = std::get_if<Rejection>(&outcome.error())) {
    log_warn("ack refused: entity=\"{}\" code={} rule=\"{}\"", rejection->entity,
             code_of(rejection->code), rejection->rule);
  }
}

}  // namespace

void AckForwarder::add(const Uuid& device, const AckReport& ack) {
  push(AckAction{.device = device,
                 .n = ack.n,
                 .id = ack.id,
                 .state = ack.state,
                 .code = ack.code,
                 .message = ack.message,
                 .boot = ack.boot});
}

void AckForwarder::add_offline(const Uuid& device) { push(NoteOffline{.device = device}); }

void AckForwarder::push(CommandBody body) {
  if (waiting_.size() >= waiting_max) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(body));
}

bool AckForwarder::submit() {
  while (!waiting_.empty()) {
    Command command{.id = random_ulid(clock_.now()), .body = waiting_.front()};
    if (!engine_.submit(std::move(command), log_refusal)) return true;
    waiting_.pop_front();
  }
  return false;
}

}  // namespace muster
