#pragma once

#include <filesystem>
#include <string_view>

#include "broker-bridge/support/unique_fd.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "tools/agent/channel/action_messages.h"

namespace muster::agent {

/// What actions did to simulated devices, in the order in which it happened: one JSON object a
/// line, `{"device":…,"epoch":…,"n":…,"id":…,"kind":…,"boot":…,"at":…}`. An action that was done
/// twice has two lines, one that failed none. Nothing is kept by one that is not open.
class Ledger {
 public:
  Ledger() = default;

  /// Appends to `file`, made if missing. Errors: failed.
  [[nodiscard]] static Result<Ledger> open(const std::filesystem::path& file);

  /// `boot` is that of the device before. Errors: failed.
  [[nodiscard]] Result<void> add(const Uuid& device, const Action& action, std::string_view boot);

 private:
  std::filesystem::path path_;
  UniqueFd file_;
};

}  // namespace muster::agent
