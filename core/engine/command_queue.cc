#include "core/engine/command_queue.h"

#include <algorithm>
#include <utility>

namespace muster {
namespace {

constexpr std::size_t masses = 0;
constexpr std::size_t server = 1;

}  // namespace

bool CommandQueue::push(Submission submission) {
  const bool by_server = submission.command.actor.user == UserId{};
  Lane& lane = by_server ? others_[server] : users_;
  if (lane.size() >= max_) return false;
  lane.push_back(std::move(submission));
  return true;
}

std::size_t CommandQueue::push_some(std::span<Submission> submissions) {
  Lane& lane = others_[masses];
  const std::size_t room = max_ / 2;
  if (lane.size() >= room) return 0;
  const std::size_t taken = std::min(submissions.size(), room - lane.size());
  std::ranges::move(submissions.first(taken), std::back_inserter(lane));
  return taken;
}

std::optional<Submission> CommandQueue::pop() {
  Lane* lane = next_lane();
  if (lane == nullptr) return std::nullopt;
  Submission next = std::move(lane->front());
  lane->pop_front();
  return next;
}

CommandQueue::Lane* CommandQueue::next_lane() {
  const bool others_wait = !others_[masses].empty() || !others_[server].empty();
  const bool users_turn = !others_wait || users_in_row_ < users_in_row_max;
  if (!users_.empty() && users_turn) {
    users_in_row_ = others_wait ? users_in_row_ + 1 : 0;
    return &users_;
  }
  if (!others_wait) return nullptr;
  users_in_row_ = 0;
  if (others_[other_].empty()) other_ = 1 - other_;
  Lane* lane = &others_[other_];
  other_ = 1 - other_;
  return lane;
}

bool CommandQueue::empty() const noexcept {
  return users_.empty() && others_[masses].empty() && others_[server].empty();
}

}  // namespace muster
