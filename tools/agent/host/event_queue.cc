#include "tools/agent/host/event_queue.h"

#include <algorithm>

#include "core/base/log.h"
#include "tools/agent/host/link.h"

namespace muster::agent {
namespace {

bool is_message(const Event& event) { return std::holds_alternative<MqttMessage>(event.what); }

}  // namespace

EventQueue::EventQueue() = default;

EventQueue::~EventQueue() {
  // A link that nobody took still calls push while it goes.
  const auto rest = std::exchange(events_, {});
}

void EventQueue::push(Event event) {
  bool is_full = false;
  {
    const std::lock_guard lock(mutex_);
    if (is_message(event)) {
      is_full = messages_ == messages_max;
      if (is_full) drop_oldest_message();
      ++messages_;
    }
    events_.push_back(std::move(event));
  }
  filled_.notify_one();
  if (is_full) log_warn("messages come faster than they are handled, the oldest was dropped");
}

void EventQueue::drop_oldest_message() {
  const auto oldest = std::find_if(events_.begin(), events_.end(), is_message);
  if (oldest == events_.end()) return;
  events_.erase(oldest);
  --messages_;
}

std::deque<Event> EventQueue::take(std::chrono::steady_clock::time_point deadline,
                                   const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  filled_.wait_until(lock, stop, deadline, [this] { return !events_.empty(); });
  messages_ = 0;
  return std::exchange(events_, {});
}

}  // namespace muster::agent
