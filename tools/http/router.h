#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/http/respond.h"

namespace muster {

/// What the placeholders of a route stood for.
class RouteMatch {
 public:
  explicit RouteMatch(std::vector<HttpField> values) : values_(std::move(values)) {}

  /// The decoded segment at `{name}`. The route must have that placeholder.
  [[nodiscard]] const std::string& at(std::string_view name) const;

 private:
  std::vector<HttpField> values_;
};

using RouteHandler = std::function<void(const RouteMatch&, HttpRequest, HttpRespond)>;

/// Finds the handler for a request by method and path. Is an HttpHandler itself. Segments are
/// compared decoded; a literal segment wins over a placeholder; a placeholder takes one segment
/// that is not empty. GET routes also serve HEAD.
class Router {
 public:
  /// `pattern` is like `/v1/books/{id}/pages`. One handler for each method and pattern.
  void on(HttpMethod method, std::string_view pattern, RouteHandler handler);

  /// Calls the handler, or answers 404 `unknown-resource` or 405 `method-not-allowed`.
  void operator()(HttpRequest request, HttpRespond respond) const;

 private:
  struct Segment {
    std::string text;  // Literal, or the placeholder's name.
    bool placeholder = false;

    friend bool operator==(const Segment&, const Segment&) = default;
  };

  struct Route {
    HttpMethod method = HttpMethod::get;
    std::vector<Segment> segments;
    RouteHandler handler;
  };

  static std::vector<Segment> parse_pattern(std::string_view pattern);
  static bool matches(const Route& route, const std::vector<std::string>& segments);
  static bool more_literal(const Route& a, const Route& b);
  static RouteMatch values_of(const Route& route, const std::vector<std::string>& segments);
  [[nodiscard]] const Route* find(const HttpRequest& request) const;
  [[nodiscard]] std::string allowed(const HttpRequest& request) const;

  std::vector<Route> routes_;
};

}  // namespace muster
