#include "core/log/tail.h"

#include <utility>

#include "core/base/assert.h"

namespace muster {

void Tail::push(std::shared_ptr<const Batch> batch) {
  {
    const std::scoped_lock lock(mutex_);
    events_ += batch->size();
    batches_.push_back(std::move(batch));
  }
  filled_.notify_one();
}

bool Tail::full() const {
  const std::scoped_lock lock(mutex_);
  return events_ >= events_max_;
}

std::shared_ptr<const Batch> Tail::wait(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, std::move(stop), [this] { return !batches_.empty(); });
  return batches_.empty() ? nullptr : batches_.front();
}

void Tail::pop() {
  const std::scoped_lock lock(mutex_);
  MUSTER_ASSERT(!batches_.empty(), "only a batch that was waited for is popped");
  events_ -= batches_.front()->size();
  batches_.pop_front();
}

}  // namespace muster
