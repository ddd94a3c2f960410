#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster {

// What names must look like. Each rule is one function, so that errors and docs agree on it.

/// Fleets, devices, organisations' handles: `[A-Za-z0-9_-]{4,100}`.
inline constexpr std::string_view name_rule = "4 to 100 of A-Z a-z 0-9 _ -";
bool is_name(std::string_view text) noexcept;

/// Users and tokens: `[A-Za-z0-9_.@+-]{1,100}`.
inline constexpr std::string_view username_rule = "1 to 100 of A-Z a-z 0-9 _ . @ + -";
bool is_username(std::string_view text) noexcept;

/// Device types and architectures: `[a-z0-9_-]{2,100}`.
inline constexpr std::string_view type_slug_rule = "2 to 100 of a-z 0-9 _ -";
bool is_type_slug(std::string_view text) noexcept;

/// Keys of tags: `[A-Za-z0-9_.:/-]{1,100}`.
inline constexpr std::string_view tag_key_rule = "1 to 100 of A-Z a-z 0-9 _ . : / -";
bool is_tag_key(std::string_view text) noexcept;

/// A full commit: 8 to 64 lower-case hexadecimal digits.
inline constexpr std::string_view commit_rule = "8 to 64 hexadecimal digits, lower case";
bool is_commit(std::string_view text) noexcept;

/// Semantic version 2.0.0 without build metadata, e.g. `1.4.2` or `2.0.0-rc.1` (semver.org).
inline constexpr std::string_view semver_rule =
    "MAJOR.MINOR.PATCH with an optional -prerelease, without +build (semver.org)";
bool is_semver(std::string_view text) noexcept;

/// `text` with A-Z turned into a-z.
std::string to_lower(std::string_view text);

/// The parts of `organisation/name`; nullopt unless there is exactly one slash.
struct SlugParts {
  std::string_view organisation;
  std::string_view name;
};
std::optional<SlugParts> split_slug(std::string_view slug) noexcept;

}  // namespace muster
