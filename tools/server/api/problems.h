#pragma once

#include <string>

#include "core/domain/decide/rejection.h"
#include "core/engine/engine.h"
#include "tools/http/problem.h"

namespace muster {

/// A refusal as problem details. The code is the rejection's own.
[[nodiscard]] Problem to_problem(const Rejection& rejection);
[[nodiscard]] Problem to_problem(const Error& error);
[[nodiscard]] Problem to_problem(const Refusal& refusal);

struct ApiParts;

/// Somebody who is refused something, as the program's log names them: no names of persons.
struct Refused {
  Actor actor;         // User 0: nobody that we know.
  std::string remote;  // Address of the peer.
  std::string what;    // The request's first line, or which line of it.

  static Refused of(const HttpRequest& request, const Actor& actor);
};

/// Writes who was refused what, and why, to the program's log; and to the log of refusals, if it
/// is somebody that we know: what strangers try is no reason to forget what others did.
void log_refusal(const ApiParts& parts, const Refused& who, const Problem& problem);

/// 404 for what is not there or may not be seen: the two look alike.
[[nodiscard]] Problem unknown_problem(RejectionCode code, std::string entity, std::string remedy);

/// 401 `unauthorized`.
[[nodiscard]] Problem unauthorized_problem(std::string detail);

/// 400 `invalid-field` for a query parameter or header.
[[nodiscard]] Problem invalid_parameter_problem(std::string name, std::string rule);

}  // namespace muster
