#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// A version as devices report it, e.g. `2.12.0`, `v1.4`, `balenaOS 2.98.33-rc.1+rev4`.
struct SoftwareVersion {
  std::vector<std::uint64_t> numbers;   // Without zeros at the end: 1.4 and 1.4.0 are equal.
  std::vector<std::string> prerelease;  // Behind `-`.
  std::vector<std::string> build;       // Behind `+`.
};

/// Reads a version: the first word of `text` that begins with a digit, or with `v` and a digit.
/// Nullopt if there is none, or if it is not numbers with points and what may stand behind them.
[[nodiscard]] std::optional<SoftwareVersion> parse_version(std::string_view text);

/// The order of semver.org: by numbers, a pre-release before its release. The build, which has no
/// order there, counts where `b` has one: `+rev1` is before `+rev2`.
[[nodiscard]] std::strong_ordering compare(const SoftwareVersion& a, const SoftwareVersion& b);

}  // namespace muster
