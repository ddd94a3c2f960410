#include "tools/bench/support/api_client.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "core/base/uuid.h"

namespace muster::bench {
namespace {

using nlohmann::json;
using std::chrono::steady_clock;

constexpr std::chrono::seconds answer_timeout{30};
constexpr std::chrono::seconds settle_timeout{900};
constexpr std::chrono::milliseconds look_again_after{250};
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

Result<void> ApiClient::settle(const Progress& progress) {
  const auto deadline = steady_clock::now() + settle_timeout;
  std::uint64_t head_before = 0;
  while (steady_clock::now() < deadline) {
    const auto status = get("/v1/status");
    if (!status) return tl::unexpected(status.error());
    const json& broker = status->at("broker");
    const auto head = status->at("log").at("head").get<std::uint64_t>();
    if (broker.at("low_water").get<std::uint64_t>() >= head && head == head_before) return {};
    head_before = head;
    progress.say(fmt::format("the broker gets all targets: {} published",
                             broker.at("published").get<std::uint64_t>()));
    if (auto on = progress.go_on(); !on) return on;
    std::this_thread::sleep_for(look_again_after);
  }
  return fail(ErrorCode::failed, "the broker did not get all targets in time");
}

}  // namespace muster::bench
