#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/log/idempotency_index.h"

namespace muster {

/// The commands with an idempotency key that are decided but perhaps not folded yet. Together with
/// the stored index it knows every key of the log. Owned by the writer's thread.
class RecentCommands {
 public:
  void add(UserId user, const std::string& key, const RememberedCommand& command);

  [[nodiscard]] std::optional<RememberedCommand> find(UserId user, std::string_view key) const;

  /// Forgets what the stored index has.
  void forget_through(Sequence folded);

 private:
  using Key = std::pair<UserId, std::string>;
  struct Entry {
    Sequence last;
    Key key;
  };
  std::map<Key, RememberedCommand> commands_;
  std::deque<Entry> order_;  // By sequence.
};

}  // namespace muster
