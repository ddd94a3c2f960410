#include "core/engine/engine.h"

#include "core/engine/writer.h"

namespace muster {

Engine::Engine(EngineOptions options, Parts parts, State state, Timestamp last_event)
    : writer_(std::make_unique<Writer>(options, parts, std::move(state), last_event)) {}

Engine::~Engine() = default;

void Engine::stop() { writer_->stop(); }

Result<void> Engine::submit(Command command, Answer answer) {
  return writer_->submit(std::move(command), std::move(answer));
}

std::size_t Engine::submit_some(std::span<Submission> submissions) {
  return writer_->submit_some(submissions);
}

Tail& Engine::tail() { return writer_->tail(); }

std::optional<Engine::ClockAlarm> Engine::clock_alarm() const { return writer_->clock_alarm(); }

Engine::Timings Engine::timings() const { return writer_->timings(); }

}  // namespace muster
