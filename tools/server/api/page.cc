#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "tools/server/api/api.h"
#include "tools/server/api/problems.h"
#include "tools/server/api/routes.h"

namespace muster {
namespace {

constexpr std::uint32_t limit_default = 100;
constexpr std::uint32_t limit_max = 1'000;

/// The number in a query parameter; `otherwise` if it is not given, nullopt if it is none.
std::optional<std::uint32_t> number_in(const HttpRequest& request, std::string_view name,
                                       std::uint32_t otherwise) {
  const std::string* given = request.parameter(name);
  if (given == nullptr) return otherwise;
  std::uint32_t value = 0;
  const auto read = std::from_chars(given->data(), given->data() + given->size(), value);
  if (given->empty() || read.ec != std::errc{} || read.ptr != given->data() + given->size()) {
    return std::nullopt;
  }
  return value;
}

std::string to_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string slug_of(const RouteMatch& match) {
  return fmt::format("{}/{}", match.at("org"), match.at("name"));
}

HttpResponse entity_response(const nlohmann::ordered_json& entity) {
  HttpResponse response{.body = to_text(entity)};
  const auto version = entity.find("version");
  if (version != entity.end()) {
    response.headers.emplace_back("ETag", fmt::format("\"{}\"", version->get<std::uint64_t>()));
  }
  return response;
}

HttpResult<std::uint32_t> page_limit(const Query& query) {
  const auto limit = number_in(query.request, "limit", limit_default);
  if (limit && *limit > 0 && *limit <= limit_max) return *limit;
  return tl::unexpected(
      invalid_parameter_problem("limit", fmt::format("a number from 1 to {}", limit_max)));
}

HttpResult<Page> Page::of(const Query& query) {
  const auto after = number_in(query.request, "after", 0);
  if (!after) {
    return tl::unexpected(invalid_parameter_problem("after", "the `next` of the page before"));
  }
  const auto limit = page_limit(query);
  if (!limit) return tl::unexpected(limit.error());
  Page page;
  page.after_ = *after;
  page.limit_ = *limit;
  return page;
}

bool Page::add(std::uint32_t cursor, const std::function<nlohmann::ordered_json()>& make) {
  if (cursor <= after_) return true;
  if (count_ == limit_) {
    more_ = true;
    return false;
  }
  if (count_ > 0) items_ += ',';
  items_ += to_text(make());
  ++count_;
  last_ = cursor;
  return true;
}

HttpResponse Page::response(const Query& query) const {
  return HttpResponse{.body = fmt::format(R"({{"items":[{}],"next":{},"position":{}}})", items_,
                                          more_ ? std::to_string(last_) : "null",
                                          query.reader.position().value())};
}

}  // namespace muster
