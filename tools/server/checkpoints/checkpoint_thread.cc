#include "tools/server/checkpoints/checkpoint_thread.h"

#include <utility>

#include "core/base/log.h"
#include "core/base/thread_name.h"

namespace muster {
namespace {

constexpr std::size_t requests_max = 1'000;

}  // namespace

CheckpointThread::CheckpointThread(std::unique_ptr<CheckpointSigner> signer,
                                   std::chrono::milliseconds every)
    : signer_(std::move(signer)), every_(every), thread_([this](const std::stop_token& stop) {
        name_this_thread("muster-signer");
        run(stop);
      }) {}

CheckpointThread::~CheckpointThread() {
  thread_.request_stop();
  thread_.join();
  for (const Done& done : requests_) {
    done(fail(ErrorCode::unavailable, "the server is stopping"));
  }
}

void CheckpointThread::request(Done done) {
  {
    const std::lock_guard lock(mutex_);
    if (requests_.size() < requests_max) {
      requests_.push_back(std::move(done));
      asked_.notify_one();
      return;
    }
  }
  done(fail(ErrorCode::unavailable, "busy: too many wait for a checkpoint already"));
}

std::string CheckpointThread::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void CheckpointThread::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<Done> requests;
    {
      const std::lock_guard lock(mutex_);
      requests.swap(requests_);
    }
    const auto outcome = signer_->sign();
    note_outcome(outcome);
    for (const Done& done : requests) done(outcome);
    std::unique_lock lock(mutex_);
    asked_.wait_for(lock, stop, every_, [this] { return !requests_.empty(); });
  }
}

void CheckpointThread::note_outcome(const Result<SignedCheckpoint>& outcome) {
  std::string problem = outcome ? std::string() : outcome.error().message;
  const std::lock_guard lock(mutex_);
  if (problem == problem_) return;
  if (problem.empty()) log_info("checkpoints are signed again");
  if (!problem.empty()) log_error("no checkpoint signed: cause=\"{}\"", problem);
  problem_ = std::move(problem);
}

}  // namespace muster
