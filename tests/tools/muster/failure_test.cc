#include "tools/muster/output/failure.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

using namespace muster;       // NOLINT(google-build-using-namespace)
using namespace muster::cli;  // NOLINT(google-build-using-namespace)

namespace {

Problem ambiguous() {
  return Problem{409,
                 "ambiguous-release",
                 "A name stands for one release",
                 "'9f3c2a1' names 2 releases.",
                 "fleet acme/thermo",
                 "Say more digits.",
                 {"9f3c2a1b", "9f3c2a1c"}};
}

}  // namespace

TEST_CASE("failure: people read what, which rule, the way out and the candidates") {
  CHECK(failure_text(Failure{ExitCode::refused, ambiguous()}, false) ==
        "muster: '9f3c2a1' names 2 releases. [ambiguous-release]\n"
        "  rule: A name stands for one release\n"
        "  entity: fleet acme/thermo\n"
        "  remedy: Say more digits.\n"
        "  candidates: 9f3c2a1b, 9f3c2a1c\n");
  Problem bare{500, "internal", "The server failed", ""};
  CHECK(failure_text(Failure{ExitCode::refused, bare}, false) ==
        "muster: The server failed [internal]\n");
}

TEST_CASE("failure: programs get the problem object as the server sent it") {
  Failure failure{ExitCode::refused, ambiguous(), R"({"code":"x","holders":["a"]})"};
  CHECK(failure_text(failure, true) == "{\"code\":\"x\",\"holders\":[\"a\"]}\n");
  failure.body.clear();
  const auto json = Json::parse(failure_text(failure, true));
  CHECK(json.at("code") == "ambiguous-release");
  CHECK(json.at("status") == 409);
  CHECK(json.at("candidates").size() == 2);
}

TEST_CASE("failure: what never reached a server has no status") {
  const auto failure = failed(Error{ErrorCode::unavailable, "cannot reach"}).value();
  CHECK(failure.exit_code == ExitCode::not_reachable);
  const auto json = Json::parse(failure_text(failure, true));
  CHECK(json.at("code") == "server-not-reachable");
  CHECK_FALSE(json.contains("status"));
}

TEST_CASE("failure: text from elsewhere cannot steer the terminal") {
  Problem problem{400, "c", "t", "a\x1b[2J\nb"};
  CHECK(failure_text(Failure{ExitCode::refused, problem}, false) ==
        "muster: a?[2J?b [c]\n  rule: t\n");
}

TEST_CASE("failure: the exit code says what kind it is") {
  CHECK(failed(Error{ErrorCode::invalid_input, ""}).value().exit_code == ExitCode::wrong_usage);
  CHECK(failed(Error{ErrorCode::failed, ""}).value().exit_code == ExitCode::refused);
  CHECK(failed(Error{ErrorCode::in_use, ""}).value().exit_code == ExitCode::refused);
  CHECK(ended_with(0).has_value());
  CHECK(ended_with(3).error().exit_code == ExitCode::not_reachable);
}

TEST_CASE("failure: a secret is masked wherever it stands") {
  CHECK(without_secrets("a s3cret b s3crets3cret", {"s3cret", ""}) == "a *** b ******");
  CHECK(without_secrets("a**", {"*"}) == "a******");
  CHECK(without_secrets("", {"x"}) == "");
}
