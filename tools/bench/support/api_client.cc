#include "tools/bench/support/api_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/base/uuid.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds answer_timeout{30};
constexpr int ok = 200;

Result<json> object_in(const ApiClient::Answer& answer, const std::string& path) {
  auto object = json::parse(answer.body, nullptr, false);
  if (object.is_object()) return object;
  return fail(ErrorCode::failed, fmt::format("the answer to {} is no JSON object", path));
}

}  // namespace

ApiClient::ApiClient(const ServerProcess& server)
    : http_(fmt::format("http://{}", to_string(server.http())), server.token(), answer_timeout) {}

Result<ApiClient::Answer> ApiClient::send(HttpMethod method, const std::string& path,
                                          const std::string& body) {
  const auto began = steady_clock::now();
  auto response = http_.send(method, path, {{"Idempotency-Key", to_string(random_uuid())}}, body);
  const auto took = steady_clock::now() - began;
  if (!response) return tl::unexpected(response.error());
  if (response->status == ok) return Answer{.body = std::move(response->body), .took = took};
  return fail(ErrorCode::failed, fmt::format("the server answers {} {} to {}", response->status,
                                             response->body, path));
}

Result<json> ApiClient::get(const std::string& path) {
  const auto answer = send(HttpMethod::get, path, {});
  if (!answer) return tl::unexpected(answer.error());
  return object_in(*answer, path);
}

Result<json> ApiClient::post(const std::string& path, const json& body) {
  const auto answer = send(HttpMethod::post, path, body.dump());
  if (!answer) return tl::unexpected(answer.error());
  auto object = object_in(*answer, path);
  if (!object || object->value("changed", false)) return object;
  return fail(ErrorCode::failed, fmt::format("{} changes nothing", path));
}

}  // namespace muster::bench
