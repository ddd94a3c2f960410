#include "tools/bench/support/in_flight.h"

#include <fmt/format.h>

#include <utility>

namespace muster::bench {
namespace {

std::string text_of(const Refusal& refusal) {
  const auto* rejection = std::get_if<Rejection>(&refusal);
  if (rejection == nullptr) return std::get<Error>(refusal).message;
  return fmt::format("{}: {}", rejection->entity, rejection->rule);
}

}  // namespace

Result<void> InFlight::submit(Engine& engine, Command command) {
  wait_until_answered(submitted_ < limit_ ? 0 : submitted_ - limit_ + 1);
  auto queued =
      engine.submit(std::move(command), [this](const Outcome& outcome) { answered(outcome); });
  if (queued) ++submitted_;
  return queued;
}

Result<void> InFlight::finish() {
  wait_until_answered(submitted_);
  const std::scoped_lock lock(mutex_);
  if (!refused_) return {};
  return fail(ErrorCode::failed, *refused_);
}

void InFlight::wait_until_answered(std::size_t count) {
  for (auto now = answered_.load(); now < count; now = answered_.load()) answered_.wait(now);
}

void InFlight::answered(const Outcome& outcome) {
  if (!outcome) {
    const std::scoped_lock lock(mutex_);
    if (!refused_) refused_ = text_of(outcome.error());
  }
  ++answered_;
  answered_.notify_one();
}

}  // namespace muster::bench
