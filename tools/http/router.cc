#include "tools/http/router.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "core/base/assert.h"
#include "tools/http/problem.h"

namespace muster {
namespace {

Problem unknown_resource(const HttpRequest& request) {
  return Problem{404,
                 "unknown-resource",
                 "No such resource",
                 fmt::format("There is nothing at {}.", request.target),
                 request.target,
                 "Check the path; a slash at its end counts."};
}

Problem method_not_allowed(const HttpRequest& request, std::string_view allowed) {
  return Problem{405,
                 "method-not-allowed",
                 "The resource does not take this method",
                 fmt::format("{} does not take {}.", request.target, to_string(request.method)),
                 request.target,
                 fmt::format("Use one of: {}.", allowed)};
}

bool serves(HttpMethod route, HttpMethod asked) {
  return route == asked || (route == HttpMethod::get && asked == HttpMethod::head);
}

}  // namespace

const std::string& RouteMatch::at(std::string_view name) const {
  const auto found = std::find_if(values_.begin(), values_.end(),
                                  [name](const HttpField& value) { return value.first == name; });
  MUSTER_ASSERT(found != values_.end(), "the route has no placeholder of this name");
  return found->second;
}

std::vector<Router::Segment> Router::parse_pattern(std::string_view pattern) {
  MUSTER_ASSERT(pattern.starts_with('/'), "a route's pattern starts with a slash");
  std::vector<Segment> segments;
  while (pattern.size() > 1) {
    pattern.remove_prefix(1);
    const auto part = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(part.size());
    const bool placeholder = part.starts_with('{') && part.ends_with('}');
    segments.push_back(
        {std::string(placeholder ? part.substr(1, part.size() - 2) : part), placeholder});
    MUSTER_ASSERT(!segments.back().text.empty(), "a route's segments are not empty");
  }
  return segments;
}

void Router::on(HttpMethod method, std::string_view pattern, RouteHandler handler) {
  Route route{method, parse_pattern(pattern), std::move(handler)};
  const bool taken = std::any_of(routes_.begin(), routes_.end(), [&route](const Route& other) {
    return other.method == route.method && other.segments == route.segments;
  });
  MUSTER_ASSERT(!taken, "a route has one handler for each method");
  routes_.push_back(std::move(route));
}

bool Router::matches(const Route& route, const std::vector<std::string>& segments) {
  return std::equal(route.segments.begin(), route.segments.end(), segments.begin(), segments.end(),
                    [](const Segment& expected, const std::string& actual) {
                      return expected.placeholder ? !actual.empty() : expected.text == actual;
                    });
}

bool Router::more_literal(const Route& a, const Route& b) {
  for (std::size_t i = 0; i < a.segments.size(); ++i) {
    if (a.segments[i].placeholder != b.segments[i].placeholder) return b.segments[i].placeholder;
  }
  return false;
}

RouteMatch Router::values_of(const Route& route, const std::vector<std::string>& segments) {
  std::vector<HttpField> values;
  for (std::size_t i = 0; i < route.segments.size(); ++i) {
    if (route.segments[i].placeholder) values.emplace_back(route.segments[i].text, segments[i]);
  }
  return RouteMatch(std::move(values));
}

const Router::Route* Router::find(const HttpRequest& request) const {
  const Route* best = nullptr;
  for (const auto& route : routes_) {
    if (!serves(route.method, request.method) || !matches(route, request.segments)) continue;
    if (best == nullptr || more_literal(route, *best)) best = &route;
  }
  return best;
}

std::string Router::allowed(const HttpRequest& request) const {
  constexpr std::array methods{HttpMethod::get,    HttpMethod::head,  HttpMethod::post,
                               HttpMethod::put,    HttpMethod::patch, HttpMethod::del,
                               HttpMethod::options};
  std::string list;
  for (const auto method : methods) {
    const bool served = std::any_of(routes_.begin(), routes_.end(), [&](const Route& route) {
      return serves(route.method, method) && matches(route, request.segments);
    });
    if (served) list.append(list.empty() ? "" : ", ").append(to_string(method));
  }
  return list;
}

void Router::operator()(HttpRequest request, HttpRespond respond) const {
  if (const auto* route = find(request)) {
    const auto match = values_of(*route, request.segments);
    route->handler(match, std::move(request), std::move(respond));
    return;
  }
  const auto methods = allowed(request);
  if (methods.empty()) return respond(to_response(unknown_resource(request)));
  auto response = to_response(method_not_allowed(request, methods));
  response.headers.emplace_back("Allow", methods);
  respond(std::move(response));
}

}  // namespace muster
