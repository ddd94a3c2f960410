#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace muster::audit {

/// Something that is not as it must be. `kind` is a stable word: docs/audit.md.
struct Finding {
  std::string kind;
  std::uint64_t sequence = 0;  // Of the event it is about; 0: of none alone.
  std::string what;
};

/// All that was found: how often each kind, and the first ones in full.
class Findings {
 public:
  void add(Finding finding) {
    ++counts_[finding.kind];
    if (first_.size() < shown_max) first_.push_back(std::move(finding));
  }

  [[nodiscard]] bool empty() const noexcept { return counts_.empty(); }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& counts() const noexcept {
    return counts_;
  }
  [[nodiscard]] const std::vector<Finding>& first() const noexcept { return first_; }

 private:
  static constexpr std::size_t shown_max = 100;

  std::map<std::string, std::uint64_t> counts_;
  std::vector<Finding> first_;
};

}  // namespace muster::audit
