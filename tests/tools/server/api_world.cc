#include "tests/tools/server/api_world.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "core/base/uuid.h"

namespace muster::test {

std::string Reply::code() const {
  const auto found = body.find("code");
  return status < 300 || found == body.end() ? std::string() : found->get<std::string>();
}

ApiWorld::ApiWorld() {
  const auto data = folder_.path() / "data";
  auto started = System::start(
      {.data = data, .http = "127.0.0.1:0", .mqtt = "embedded", .mqtt_listen = "127.0.0.1:0"});
  REQUIRE_MESSAGE(started.has_value(), started.error().message);
  system_ = std::move(*started);
  std::ifstream file(data / "admin.token");
  file >> tokens_["admin"];
  must(HttpMethod::post, "/v1/organisations", R"({"handle":"acme"})");
}

std::string ApiWorld::url() const { return fmt::format("http://{}", to_string(system_->http())); }

const std::string& ApiWorld::token_of(std::string_view user) const {
  const auto found = tokens_.find(user);
  REQUIRE_MESSAGE(found != tokens_.end(), user);
  return found->second;
}

Reply ApiWorld::ask(std::string_view user, HttpMethod method, const std::string& path,
                    const std::string& body, const std::vector<HttpField>& headers) {
  auto client = clients_.find(user);
  if (client == clients_.end()) {
    client =
        clients_
            .emplace(std::string(user), HttpClient(url(), token_of(user), std::chrono::seconds(20)))
            .first;
  }
  const auto response = client->second.send(method, path, headers, body);
  REQUIRE_MESSAGE(response.has_value(), response.error().message);
  return {response->status, Json::parse(response->body, nullptr, false)};
}

Json ApiWorld::must(HttpMethod method, const std::string& path, const std::string& body) {
  auto reply = ask("admin", method, path, body);
  REQUIRE_MESSAGE(reply.status == 200, path << ": " << reply.body.dump());
  return std::move(reply.body);
}

void ApiWorld::user(const std::string& name, const std::string& instance_roles) {
  must(HttpMethod::post, "/v1/users",
       fmt::format(R"({{"username":"{}","instance_roles":{}}})", name, instance_roles));
  token(name, name, "");
}

std::string ApiWorld::token(const std::string& name, const std::string& owner,
                            const std::string& limits) {
  const auto answer =
      must(HttpMethod::post, "/v1/tokens",
           fmt::format(R"({{"name":"{}","username":"{}"{}}})", name, owner, limits));
  tokens_[name] = answer["token"];
  return fmt::format("{}", answer["id"].get<int>());
}

void ApiWorld::fleet(const std::string& name) {
  must(HttpMethod::post, "/v1/fleets",
       fmt::format(R"({{"slug":"acme/{}","device_type":"raspberrypi4-64"}})", name));
}

std::string ApiWorld::release(const std::string& fleet, std::string_view digits) {
  std::string commit(digits);
  commit.resize(40, '0');
  must(HttpMethod::post, fmt::format("/v1/fleets/acme/{}/releases", fleet),
       fmt::format(R"({{"commit":"{}"}})", commit));
  return commit;
}

std::string ApiWorld::device(const std::string& fleet) {
  return must(HttpMethod::post, fmt::format("/v1/fleets/acme/{}/devices", fleet), "{}")["uuid"];
}

std::uint64_t ApiWorld::head() {
  return must(HttpMethod::get, "/v1/status")["log"]["head"].get<std::uint64_t>();
}

}  // namespace muster::test
