#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/uuid.h"
#include "tools/store/state_store.h"

namespace muster::test {

/// The store that the server serves, without the server. Another one made in the
/// same folder goes on where it ended. Has an administrator and the organisation `acme`.
class System {
 public:
  explicit System(const std::filesystem::path& folder, EngineOptions options = {});
  System(const System&) = delete;
  System& operator=(const System&) = delete;
  ~System() = default;

  /// Lets the views follow the log, and waits until they have what is in it; listeners are added
  /// to `runner()` before.
  void follow();

  /// No listener is called after this. Before a listener goes.
  void stop_following() { store_->runner().stop(); }

  /// Has `body` decided, as the administrator asks it; waits until it is folded, if anybody folds.
  Outcome run(CommandBody body);

  // Shorthands that must succeed. Fleets are named by their slug, releases by their commit.
  void must(CommandBody body);
  std::string fleet(std::string_view name);
  std::string release(const std::string& fleet, std::string_view digits, bool draft = false);
  Uuid device(const std::string& fleet);
  void pin(const Uuid& device, const std::string& release);
  void pin(const std::string& fleet, const std::string& release);

  [[nodiscard]] EventLog& log() { return store_->log(); }
  [[nodiscard]] const ViewStore& store() const { return store_->views(); }
  [[nodiscard]] Runner& runner() { return store_->runner(); }
  [[nodiscard]] Engine& engine() { return store_->engine(); }
  [[nodiscard]] Clock& clock() { return clock_; }

  static constexpr std::uint64_t epoch = 1;
  static inline const Uuid id = *parse_uuid("00112233445566778899aabbccddeeff");

 private:
  void await_folded(Sequence sequence);

  SystemClock clock_;
  std::unique_ptr<StateStore> store_;
  bool following_ = false;
};

}  // namespace muster::test
