#include "tools/agent/credentials.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <fstream>

#include "tests/support/broker_support.h"

namespace muster::agent {

using test::TemporaryFolder;

namespace {

constexpr auto one = R"({"uuid":"0123456789abcdef0123456789abcdef","id":1,)"
                     R"("mqtt":{"client_id":"c","username":"u","password":"secret"}})";
constexpr auto two = R"({"mqtt":{},"uuid":"1123456789abcdef0123456789abcdef"})";

muster::Result<std::vector<DeviceCredentials>> read(const std::string& text) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "devices.json";
  std::ofstream(file, std::ios::binary) << text;
  return read_credentials(file);
}

}  // namespace

TEST_CASE("credentials: an object, a list and one object a line are read") {
  const auto single = read(one);
  REQUIRE(single);
  CHECK(single->at(0).client_id == "c");
  CHECK(single->at(0).username == "u");
  CHECK(single->at(0).password == "secret");
  for (const auto& text : {fmt::format("[{},{}]", one, two), fmt::format("{}\n\n{}\n", one, two)}) {
    const auto both = read(text);
    REQUIRE(both);
    REQUIRE(both->size() == 2);
    CHECK(to_string(both->at(1).uuid) == both->at(1).username);
    CHECK(both->at(1).client_id == both->at(1).username);
  }
}

TEST_CASE("credentials: what is wrong is named, a password never") {
  struct Case {
    std::string text;
    std::string says;
  };
  const std::vector<Case> cases = {
      {"", "holds no device"},
      {"[]", "holds no device"},
      {"secret", "device 1: not a JSON object"},
      {fmt::format("{}\nsecret", one), "device 2: not a JSON object"},
      {R"({"uuid":"secret","mqtt":{}})", "`uuid` must be 32 lower-case hexadecimal digits"},
      {R"({"mqtt":{"password":"secret"}})", "`uuid` is missing"},
      {R"({"uuid":"0123456789abcdef0123456789abcdef"})", "`mqtt` is missing"},
      {R"({"uuid":"0123456789abcdef0123456789abcdef","mqtt":{"password":7}})",
       "`password` must be"},
  };
  for (const auto& [text, says] : cases) {
    const auto found = read(text);
    CAPTURE(text);
    REQUIRE_FALSE(found);
    CHECK(found.error().code == ErrorCode::invalid_input);
    CHECK(found.error().message.find(says) != std::string::npos);
    CHECK(found.error().message.find("secret") == std::string::npos);
  }
  CHECK(read_credentials("/nowhere/at/all").error().code == ErrorCode::failed);
}

}  // namespace muster::agent
