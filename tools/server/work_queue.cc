#include "tools/server/work_queue.h"

#include <utility>

#include "core/base/thread_name.h"

namespace muster {

WorkQueue::WorkQueue(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) {
      name_this_thread("muster-reader");
      run(stop);
    });
  }
}

WorkQueue::~WorkQueue() { stop(); }

bool WorkQueue::submit(std::function<void()> work) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopped_ || waiting_.size() >= waiting_max_) return false;
    waiting_.push_back(std::move(work));
  }
  filled_.notify_one();
  return true;
}

void WorkQueue::stop() {
  std::deque<std::function<void()>> forgotten;
  {
    const std::scoped_lock lock(mutex_);
    stopped_ = true;
    forgotten.swap(waiting_);
  }
  threads_.clear();
}

void WorkQueue::run(const std::stop_token& stop) {
  while (true) {
    std::function<void()> work;
    {
      std::unique_lock lock(mutex_);
      if (!filled_.wait(lock, stop, [this] { return !waiting_.empty(); })) return;
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
}

}  // namespace muster
