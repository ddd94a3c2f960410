#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace muster {

/// What a caller can do about a failure. Add a code only when some caller will branch on it.
enum class ErrorCode {
  unavailable,    // Busy, disk nearly full, broker away: back off and try again.
  corrupt,        // Stored bytes failed a check: stop and tell an operator.
  incompatible,   // Made by another or a newer program: use that one.
  in_use,         // Another process holds it: stop that one first.
  invalid_input,  // The caller's data is wrong: trying again cannot help.
  failed,         // The operating system or a library refused: the message says what.
};

std::string_view to_string(ErrorCode code) noexcept;

/// An expected failure. Broken invariants are not errors: they abort (see assert.h).
struct [[nodiscard]] Error {
  ErrorCode code;
  std::string message;  // For people: names the file, stream or topic. Never parsed.
};

template <typename T>
using Result = tl::expected<T, Error>;

/// Shorthand for `return fail(ErrorCode::corrupt, …)`.
[[nodiscard]] inline tl::unexpected<Error> fail(ErrorCode code, std::string message) {
  return tl::unexpected<Error>(Error{code, std::move(message)});
}

}  // namespace muster
