#include "tools/server/api/problems.h"

#include <fmt/format.h>

#include <utility>

#include "core/base/log.h"
#include "core/base/overloaded.h"
#include "tools/server/api/commands/api_parts.h"
#include "tools/server/refusals/refusal_log.h"

namespace muster {
namespace {

int status_of(RejectionClass kind) {
  switch (kind) {
    case RejectionClass::invalid:
      return 400;
    case RejectionClass::forbidden:
      return 403;
    case RejectionClass::unknown:
      return 404;
    case RejectionClass::conflict:
      return 409;
    case RejectionClass::precondition:
      return 412;
  }
  return 409;
}

std::string_view title_of(RejectionClass kind) {
  switch (kind) {
    case RejectionClass::invalid:
      return "The request does not fit the rules";
    case RejectionClass::forbidden:
      return "You may not do this";
    case RejectionClass::unknown:
      return "There is no such thing";
    case RejectionClass::conflict:
      return "The rules do not allow this now";
    case RejectionClass::precondition:
      return "It is not as you expected";
  }
  return "Refused";
}

}  // namespace

Problem to_problem(const Rejection& rejection) {
  const RejectionClass kind = class_of(rejection.code);
  Problem problem{.status = status_of(kind),
                  .code = std::string(code_of(rejection.code)),
                  .title = std::string(title_of(kind)),
                  .detail = fmt::format("{}: {}", rejection.entity, rejection.rule),
                  .entity = rejection.entity,
                  .remedy = rejection.remedy,
                  .candidates = rejection.candidates};
  if (rejection.pointer) {
    problem.text = rejection.pointer->text;
    problem.position = static_cast<int>(rejection.pointer->position);
  }
  return problem;
}

Problem to_problem(const Error& error) {
  if (error.code == ErrorCode::unavailable) {
    Problem problem = busy_problem(error.message);
    problem.detail = error.message;
    return problem;
  }
  if (error.code == ErrorCode::invalid_input) {
    return Problem{.status = 400,
                   .code = "invalid-field",
                   .title = "The request does not fit the rules",
                   .detail = error.message};
  }
  return internal_problem();
}

Problem to_problem(const Refusal& refusal) {
  return std::visit(Overloaded{[](const Rejection& rejection) { return to_problem(rejection); },
                               [](const Error& error) { return to_problem(error); }},
                    refusal);
}

Refused Refused::of(const HttpRequest& request, const Actor& actor) {
  return Refused{.actor = actor,
                 .remote = request.remote,
                 .what = fmt::format("{} {}", to_string(request.method), request.target)};
}

void log_refusal(const ApiParts& parts, const Refused& who, const Problem& problem) {
  log_info("refused: user={} token={} remote={} what={:?} code={} entity={:?}",
           who.actor.user.value(), who.actor.token.value(), who.remote, who.what, problem.code,
           problem.entity);
  if (who.actor.user == UserId{}) return;
  parts.refusals.add({.at = parts.clock.now(),
                      .actor = who.actor,
                      .remote = who.remote,
                      .what = who.what,
                      .code = problem.code,
                      .entity = problem.entity});
}

Problem unknown_problem(RejectionCode code, std::string entity, std::string remedy) {
  return to_problem(Rejection{.code = code,
                              .entity = std::move(entity),
                              .rule = "there is none, or you may not see it",
                              .remedy = std::move(remedy),
                              .candidates = {}});
}

Problem unauthorized_problem(std::string detail) {
  return Problem{.status = 401,
                 .code = "unauthorized",
                 .title = "A valid token is needed",
                 .detail = std::move(detail),
                 .remedy =
                     "send `Authorization: Bearer TOKEN`; on the command line `muster login` "
                     "or MUSTER_TOKEN"};
}

Problem invalid_parameter_problem(std::string name, std::string rule) {
  return Problem{.status = 400,
                 .code = "invalid-field",
                 .title = "The request does not fit the rules",
                 .detail = fmt::format("`{}` must be {}", name, rule),
                 .entity = std::move(name)};
}

}  // namespace muster
