#include "tools/bench/support/in_flight.h"

#include <fmt/format.h>

#include <algorithm>
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
  if (submitted_ - answered_.load() >= limit_) {
    wait_until_answered(submitted_ - limit_ + std::max<std::size_t>(1, limit_ / 4));
  }
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
  awaited_ = count;
  for (auto now = answered_.load(); now < count; now = answered_.load()) answered_.wait(now);
}

void InFlight::answered(const Outcome& outcome) {
  if (!outcome) {
    const std::scoped_lock lock(mutex_);
    if (!refused_) refused_ = text_of(outcome.error());
  }
  if (++answered_ == awaited_.load()) answered_.notify_one();
}

}  // namespace muster::bench
