#include "tools/server/broker_choice.h"

#include <doctest/doctest.h>

#include <string>

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("broker choice: embedded listens where it is told") {
  const auto choice = choose_broker("embedded", "localhost:0");
  REQUIRE(choice.has_value());
  CHECK(choice->embedded);
  CHECK(choice->address.host == "localhost");
  CHECK(choice->address.port == 0);
}

TEST_CASE("broker choice: an external broker may have a user and a password") {
  const auto choice = choose_broker("mqtt://me:se:cr@t@[::1]:1884", "ignored");
  REQUIRE(choice.has_value());
  CHECK_FALSE(choice->embedded);
  CHECK(choice->address.host == "::1");
  CHECK(choice->address.port == 1884);
  CHECK(choice->username == "me");
  CHECK(choice->password == "se:cr@t");
}

TEST_CASE("broker choice: what is reachable from outside, or no address, is refused by name") {
  const auto refused = [](const char* mqtt, const char* listen) {
    const auto choice = choose_broker(mqtt, listen);
    return choice ? std::string("accepted") : choice.error().message;
  };
  CHECK(refused("embedded", "0.0.0.0:1883") == "accepted");
  CHECK(refused("mqtt://broker.example.org:1883", "").find("loopback") != std::string::npos);
  CHECK(refused("mqtts://127.0.0.1:8883", "").find("--mqtt") != std::string::npos);
  CHECK(refused("embedded", "127.0.0.1").find("--mqtt-listen") != std::string::npos);
  CHECK(refused("mqtt://127.0.0.1", "").find("--mqtt") != std::string::npos);
}
