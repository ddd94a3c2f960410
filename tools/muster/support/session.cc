#include "tools/muster/support/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/clock.h"
#include "core/base/ulid.h"
#include "tools/http/percent.h"
#include "tools/muster/output/text.h"

namespace muster::cli {
namespace {

constexpr std::chrono::seconds call_time_max{60};
constexpr std::size_t page_items = 1000;
constexpr int pages_max = 100'000;

std::string page_path(const std::string& path, std::size_t items, const std::string& cursor) {
  const auto joint = path.find('?') == std::string::npos ? '?' : '&';
  auto page = fmt::format("{}{}limit={}", path, joint, items);
  if (!cursor.empty()) page.append("&after=").append(percent_encode(cursor));
  return page;
}

/// What stands between `//` and `@` may be a password.
std::string userinfo_of(const std::string& url) {
  const auto start = url.find("//");
  const auto end = url.rfind('@');
  if (start == std::string::npos || end == std::string::npos || end < start + 2) return {};
  return url.substr(start + 2, end - start - 2);
}

tl::unexpected<Failure> odd_answer(std::string_view path, std::string_view what) {
  return failed(Error{ErrorCode::failed,
                      fmt::format("the server's answer to {} is {}; is MUSTER_URL the address of a "
                                  "Muster server of this version?",
                                  path, what)});
}

}  // namespace

void Session::use(const Access& access) {
  url_ = access.url;
  secrets_ = {access.token, userinfo_of(access.url)};
  client_.emplace(access.url, access.token, call_time_max);
}

Outcome Session::open() {
  if (client_) return {};
  const auto access = find_access(around_);
  if (!access) return failed(access.error());
  use(*access);
  return {};
}

CliResult<std::string> Session::url() {
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  return url_;
}

CliResult<Json> Session::send(HttpMethod method, const std::string& path,
                              const std::vector<HttpField>& headers, const std::string& body) {
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  const auto response = client_->send(method, path, headers, body);
  if (!response) return failed(response.error());
  if (response->status < 200 || response->status > 299) return refused(*response);
  // A success without a body says no more than that.
  auto json = Json::parse(response->body.empty() ? "{}" : response->body, nullptr, false);
  if (!json.is_object()) return odd_answer(path, "no JSON object");
  return json;
}

CliResult<Json> Session::get(const std::string& path) {
  return send(HttpMethod::get, path, {}, "");
}

CliResult<Json> Session::list(const std::string& path) {
  auto listed = list(path, SIZE_MAX);
  if (!listed) return listed;
  return std::move(listed->at("items"));
}

CliResult<Json> Session::list(const std::string& path, std::size_t most, std::string after) {
  Json listed{{"items", nullptr}};
  Json all = Json::array();  // Not in there yet: a member that is added moves the others.
  std::string cursor = std::move(after);
  for (int page = 0; page < pages_max; ++page) {
    const auto wanted = std::min(most - all.size(), page_items);
    const auto answer = get(page_path(path, wanted, cursor));
    if (!answer) return tl::unexpected(answer.error());
    const auto items = answer->find("items");
    if (items == answer->end() || !items->is_array()) return odd_answer(path, "no list");
    for (const auto& item : *items) all.push_back(item);
    if (has(*answer, "total")) listed["total"] = answer->at("total");
    auto next = text_at(*answer, "next");
    listed["more"] = !next.empty();
    listed["next"] = next;
    if (next.empty() || all.size() >= most) {
      listed["items"] = std::move(all);
      return listed;
    }
    if (next == cursor) return odd_answer(path, "a list that does not go on");
    cursor = std::move(next);
  }
  return odd_answer(path, "a list without an end");
}

CliResult<Json> Session::change(HttpMethod method, const std::string& path, JsonBody body) {
  body.text("reason", change_.reason);
  if (change_.yes) body.flag("confirm", true);
  if (change_.expect_count) body.number("expect_count", *change_.expect_count);
  const auto key = change_.idempotency_key.empty() ? to_string(random_ulid(SystemClock().now()))
                                                   : change_.idempotency_key;
  std::vector<HttpField> headers{{"Idempotency-Key", key}};
  if (change_.expect) headers.emplace_back("If-Match", fmt::format("\"{}\"", *change_.expect));
  return send(method, change_.dry_run ? fmt::format("{}?dry_run=true", path) : path, headers,
              body.str());
}

CliResult<HttpClientResponse> Session::converse(const std::string& path,
                                                const std::vector<HttpField>& headers,
                                                const HttpParts& parts) {
  if (auto opened = open(); !opened) return tl::unexpected(opened.error());
  auto response = client_->converse(path, headers, parts);
  if (!response) return failed(response.error());
  if (response->status < 200 || response->status > 299) return refused(*response);
  return std::move(*response);
}

void Session::print_json(const Json& json) const {
  around_.out(json.dump(2, ' ', false, Json::error_handler_t::replace).append("\n"));
}

}  // namespace muster::cli
