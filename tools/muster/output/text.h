#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace muster::cli {

using Json = nlohmann::ordered_json;

/// `text` fit for a terminal and for one line: control characters become `?`, so that a name
/// from elsewhere can neither break a table nor steer the terminal.
std::string printable(std::string_view text);

/// How many columns `text` takes, which is UTF-8 (no wide and no combining characters assumed).
std::size_t width_of(std::string_view text);

/// `1 device follows`, `4 devices follow`.
std::string count_text(std::uint64_t count, std::string_view one, std::string_view many);

/// The first seven digits of a commit; any other text as it is.
std::string short_commit(std::string_view commit);

// Reading what the server sent. Nothing here minds a member that is missing or of another type.

/// Any value as text for people: lists joined by commas, nothing for null.
std::string value_text(const Json& value);

/// The member `name` as text; empty if there is none.
std::string text_at(const Json& object, std::string_view name);

/// True only for a member that is `true`.
bool flag_at(const Json& object, std::string_view name);

/// The member `name` if it is a number that is not negative, else 0.
std::uint64_t count_at(const Json& object, std::string_view name);

/// True if there is such a member, and it is not null.
bool has(const Json& object, std::string_view name);

/// The release in member `name` (a commit, or an object with one): `9f3c2a1 (1.2.0)`. The version
/// of `target_release` is looked for in `target_version`, that of `release` in `version_text`.
std::string release_at(const Json& object, std::string_view name);

/// One line a member, names aligned; the members of inner objects as `outer.inner`.
std::string details_text(const Json& object);

}  // namespace muster::cli
