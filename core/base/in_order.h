#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace muster {

/// Makes pieces of work 0 to `count` on threads, and takes them one after the other, in order, on
/// the calling one. Only so many pieces wait to be taken at a time.
template <typename Piece>
class InOrder {
 public:
  /// Makes piece `number`, on thread `worker` of `threads`.
  using Make = std::function<Piece(std::size_t worker, std::uint64_t number)>;
  /// Takes it; false: no more are wanted.
  using Take = std::function<bool(Piece piece)>;

  InOrder(std::size_t threads, std::uint64_t count) : threads_(threads), count_(count) {}

  void run(const Make& make, const Take& take) {
    std::vector<std::jthread> workers;
    workers.reserve(threads_);
    for (std::size_t worker = 0; worker < threads_; ++worker) {
      workers.emplace_back([this, worker, &make] { work(worker, make); });
    }
    bool wanted = true;
    while (wanted && taken_ < count_) wanted = take(wait());
    const std::lock_guard lock(mutex_);
    next_ = count_;
    room_.notify_all();
  }

 private:
  static constexpr std::uint64_t ahead_per_thread = 4;

  void work(std::size_t worker, const Make& make) {
    for (;;) {
      std::uint64_t number = 0;
      {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [this] {
          return next_ >= count_ || next_ < taken_ + threads_ * ahead_per_thread;
        });
        if (next_ >= count_) return;
        number = next_++;
      }
      Piece piece = make(worker, number);
      const std::lock_guard lock(mutex_);
      made_.emplace(number, std::move(piece));
      if (number == taken_) filled_.notify_one();
    }
  }

  Piece wait() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return made_.contains(taken_); });
    auto piece = made_.extract(taken_);
    ++taken_;
    room_.notify_all();
    return std::move(piece.mapped());
  }

  const std::size_t threads_;
  const std::uint64_t count_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  std::uint64_t next_ = 0;               // To be made. Guarded by mutex_.
  std::uint64_t taken_ = 0;              // So many were. Guarded by mutex_, written by one thread.
  std::map<std::uint64_t, Piece> made_;  // Guarded by mutex_.
};

}  // namespace muster
