#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace muster {

/// Undoes percent-encoding. Strict: nullopt for an incomplete or non-hexadecimal escape, for a
/// NUL and for a result that is not UTF-8. A `+` stays a `+`.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// As percent_decode, but a `+` is a space: how browsers and curl write query parameters.
[[nodiscard]] std::optional<std::string> percent_decode_query(std::string_view text);

/// Makes any text fit for one path segment, or for one name or value in a query.
[[nodiscard]] std::string percent_encode(std::string_view text);

}  // namespace muster
