#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "tools/http/message.h"

namespace muster {

/// Why a request was refused (RFC 9457), for programs (`code`) and for people (the rest).
/// Members that are empty are left out on the wire.
struct Problem {
  // NOLINTBEGIN(readability-redundant-member-init): so that the last ones may be left out.
  int status = 500;
  std::string code;                          // Stable, in kebab-case; what programs branch on.
  std::string title;                         // The same for every problem of this code.
  std::string detail;                        // This one: the thing, the rule, what was given.
  std::string entity = {};                   // Which thing it is about.
  std::string remedy = {};                   // What to do.
  std::vector<std::string> candidates = {};  // What may have been meant.
  std::string text = {};                     // What somebody wrote, where `position` points.
  // NOLINTEND(readability-redundant-member-init)
  std::optional<int> retry_after_s = std::nullopt;  // Also sent as Retry-After.
  std::optional<int> position = std::nullopt;       // Which character of `text` it is, from 0.
};

/// What a step of serving a request gives: a value, or the problem to answer with.
template <typename T>
using HttpResult = tl::expected<T, Problem>;

/// An `application/problem+json` answer. Bytes that are not UTF-8 are replaced.
HttpResponse to_response(const Problem& problem);

/// Reads the body of such an answer. Members that are missing or of another type stay empty;
/// nullopt if it is no JSON object or has no code.
std::optional<Problem> parse_problem(std::string_view json);

/// What the server itself answers with, each named for its code.
Problem internal_problem();  // Says nothing about the inside.
Problem busy_problem(std::string_view what);
Problem no_answer_problem();
Problem body_too_large_problem(std::size_t bytes_max);
Problem headers_too_large_problem(std::size_t bytes_max);
Problem malformed_request_problem(std::string detail);
Problem malformed_target_problem();
Problem unknown_method_problem(std::string_view method);

}  // namespace muster
