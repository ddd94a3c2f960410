#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/agent/check/contract.h"

namespace muster::agent {

/// The rules for a device that can be seen from outside, in the order and with the numbers of
/// docs/device-channel.md, and what came of each.
class RuleBook {
 public:
  explicit RuleBook(const CheckOptions& options);

  /// Says once how rule `number` is kept; what is said first stays.
  void judge(std::string_view number, bool kept, std::string seen);
  void skip(std::string_view number, std::string why);

  /// All rules; those nobody judged are skipped because of `why`.
  [[nodiscard]] std::vector<CheckLine> finish(const std::string& why);

 private:
  void settle(std::string_view number, Verdict verdict, std::string seen);

  struct Entry {
    CheckLine line;
    bool settled = false;
  };
  const CheckOptions& options_;
  std::vector<Entry> entries_;
};

}  // namespace muster::agent
