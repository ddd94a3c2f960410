#include "core/engine/recent_commands.h"

namespace muster {

void RecentCommands::add(UserId user, const std::string& key, const RememberedCommand& command) {
  Key full{user, key};
  const Sequence last{command.first.value() + command.count - 1};
  order_.push_back(Entry{last, full});
  commands_.insert_or_assign(std::move(full), command);
}

std::optional<RememberedCommand> RecentCommands::find(UserId user, std::string_view key) const {
  const auto found = commands_.find(Key{user, std::string(key)});
  if (found == commands_.end()) return std::nullopt;
  return found->second;
}

void RecentCommands::forget_through(Sequence folded) {
  while (!order_.empty() && order_.front().last <= folded) {
    commands_.erase(order_.front().key);
    order_.pop_front();
  }
}

}  // namespace muster
