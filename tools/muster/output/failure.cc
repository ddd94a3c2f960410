#include "tools/muster/output/failure.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

Problem problem_from(const HttpClientResponse& response) {
  if (auto problem = problem_of(response)) return *problem;
  return Problem{
      response.status,
      "unexpected-answer",
      "The answer is not one of a Muster server",
      fmt::format("The server answered with status {} and no explanation.", response.status),
      {},
      "Check that MUSTER_URL is the address of a Muster server."};
}

/// What somebody wrote, with a mark below the character that is meant.
void put_pointer(std::string& out, const Problem& problem) {
  if (!problem.position || *problem.position < 0) return;
  fmt::format_to(std::back_inserter(out), "    {}\n    {:>{}}\n", printable(problem.text), '^',
                 *problem.position + 1);
}

void put_line(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) fmt::format_to(std::back_inserter(out), "  {}: {}\n", name, printable(text));
}

}  // namespace

tl::unexpected<Failure> wrong_usage(std::string detail, std::string remedy) {
  return tl::unexpected(Failure{ExitCode::wrong_usage, Problem{.status = 0,
                                                               .code = "wrong-usage",
                                                               .title = "",
                                                               .detail = std::move(detail),
                                                               .remedy = std::move(remedy)}});
}

Outcome ended_with(int exit_code) {
  if (exit_code == 0) return {};
  Failure failure;
  failure.exit_code = static_cast<ExitCode>(exit_code);
  failure.told = true;
  return tl::unexpected(std::move(failure));
}

tl::unexpected<Failure> failed(const Error& error) {
  if (error.code == ErrorCode::invalid_input) return wrong_usage(error.message);
  Failure failure;
  failure.problem = Problem{.status = 0, .code = "failed", .title = "", .detail = error.message};
  if (error.code == ErrorCode::unavailable) {
    failure.exit_code = ExitCode::not_reachable;
    failure.problem.code = "server-not-reachable";
  }
  return tl::unexpected(std::move(failure));
}

tl::unexpected<Failure> refused(const HttpClientResponse& response) {
  Failure failure{ExitCode::refused, problem_from(response)};
  if (problem_of(response)) failure.body = response.body;
  if (response.status == 401 && failure.problem.remedy.empty()) {
    failure.problem.remedy = "Run `muster login`, or set MUSTER_TOKEN.";
  }
  return tl::unexpected(std::move(failure));
}

std::string failure_text(const Failure& failure, bool json) {
  const auto& problem = failure.problem;
  if (json) {
    auto object = Json::parse(failure.body, nullptr, false);
    if (!object.is_object()) object = Json::parse(to_response(problem).body, nullptr, false);
    if (problem.status == 0) object.erase("status");
    return object.dump(-1, ' ', false, Json::error_handler_t::replace).append("\n");
  }
  const auto& what = problem.detail.empty() ? problem.title : problem.detail;
  auto out = fmt::format("muster: {} [{}]\n", printable(what), printable(problem.code));
  put_pointer(out, problem);
  if (!problem.detail.empty()) put_line(out, "rule", problem.title);
  put_line(out, "entity", problem.entity);
  put_line(out, "remedy", problem.remedy);
  put_line(out, "candidates", fmt::to_string(fmt::join(problem.candidates, ", ")));
  return out;
}

std::string without_secrets(std::string text, const std::vector<std::string>& secrets) {
  constexpr std::string_view mask = "***";
  for (const auto& secret : secrets) {
    if (secret.empty()) continue;
    for (auto at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + mask.size())) {
      text.replace(at, secret.size(), mask);
    }
  }
  return text;
}

}  // namespace muster::cli
