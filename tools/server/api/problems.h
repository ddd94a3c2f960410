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

/// 404 for what is not there or may not be seen: the two look alike.
[[nodiscard]] Problem unknown_problem(RejectionCode code, std::string entity, std::string remedy);

/// 401 `unauthorized`.
[[nodiscard]] Problem unauthorized_problem(std::string detail);

/// 400 `invalid-field` for a query parameter or header.
[[nodiscard]] Problem invalid_parameter_problem(std::string name, std::string rule);

}  // namespace muster
