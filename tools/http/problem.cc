#include "tools/http/problem.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace muster {
namespace {

using Json = nlohmann::ordered_json;

void put_text(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

std::optional<int> number_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<int>();
}

std::vector<std::string> texts_at(const Json& json, const char* name) {
  std::vector<std::string> texts;
  const auto found = json.find(name);
  if (found == json.end() || !found->is_array()) return texts;
  for (const auto& item : *found) {
    if (item.is_string()) texts.push_back(item.get<std::string>());
  }
  return texts;
}

}  // namespace

HttpResponse to_response(const Problem& problem) {
  Json json;
  json["type"] = fmt::format("urn:muster:problem:{}", problem.code);
  json["title"] = problem.title;
  json["status"] = problem.status;
  put_text(json, "detail", problem.detail);
  json["code"] = problem.code;
  put_text(json, "entity", problem.entity);
  put_text(json, "remedy", problem.remedy);
  put_text(json, "text", problem.text);
  if (problem.position) json["position"] = *problem.position;
  if (!problem.candidates.empty()) json["candidates"] = problem.candidates;
  if (problem.retry_after_s) json["retry_after_s"] = *problem.retry_after_s;

  HttpResponse response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.body = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  response.body.push_back('\n');
  if (problem.retry_after_s) {
    response.headers.emplace_back("Retry-After", fmt::to_string(*problem.retry_after_s));
  }
  return response;
}

std::optional<Problem> parse_problem(std::string_view text) {
  const auto json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Problem problem;
  problem.status = number_at(json, "status").value_or(500);
  problem.code = text_at(json, "code");
  problem.title = text_at(json, "title");
  problem.detail = text_at(json, "detail");
  problem.entity = text_at(json, "entity");
  problem.remedy = text_at(json, "remedy");
  problem.candidates = texts_at(json, "candidates");
  problem.retry_after_s = number_at(json, "retry_after_s");
  problem.text = text_at(json, "text");
  problem.position = number_at(json, "position");
  if (problem.code.empty()) return std::nullopt;
  return problem;
}

Problem internal_problem() {
  return Problem{500,
                 "internal",
                 "The server failed",
                 "The request could not be answered because of a fault in the server.",
                 {},
                 "Look at the server's log; whether the request took effect is not known."};
}

Problem busy_problem(std::string_view what) {
  return Problem{503,
                 "busy",
                 "The server is busy",
                 fmt::format("The server has {}.", what),
                 {},
                 "Try again a little later.",
                 {},
                 {},
                 1};
}

Problem no_answer_problem() {
  return Problem{503,
                 "no-answer-in-time",
                 "The answer took too long",
                 "The request was taken but not answered in time.",
                 {},
                 "Whether it took effect is not known: look before repeating it.",
                 {},
                 {},
                 1};
}

Problem body_too_large_problem(std::size_t bytes_max) {
  return Problem{413,
                 "body-too-large",
                 "The body is too large",
                 fmt::format("A body may have {} bytes at most.", bytes_max),
                 {},
                 "Send less at one time."};
}

Problem headers_too_large_problem(std::size_t bytes_max) {
  return Problem{431,
                 "headers-too-large",
                 "The request's head is too large",
                 fmt::format("Request line and headers may have {} bytes at most.", bytes_max),
                 {},
                 "Send fewer or shorter headers."};
}

Problem malformed_request_problem(std::string detail) {
  return Problem{400, "malformed-request",   "The request is not valid HTTP", std::move(detail),
                 {},  "Correct the request."};
}

Problem malformed_target_problem() {
  return Problem{400,
                 "malformed-target",
                 "The path or the query is malformed",
                 "It has a bad percent escape, a NUL, bytes that are not UTF-8, a fragment or a "
                 "segment '.' or '..', or it is no path.",
                 {},
                 "Encode every path segment and query value by percent-encoding of UTF-8."};
}

Problem unknown_method_problem(std::string_view method) {
  return Problem{501,
                 "unknown-method",
                 "The method is not known",
                 fmt::format("The method '{}' is not known.", method.substr(0, 40)),
                 {},
                 "Use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS."};
}

}  // namespace muster
