#include "tools/server/broker_choice.h"

#include <doctest/doctest.h>

#include <string>

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("broker choice: embedded listens where it is told") {
  const auto choice = choose_broker("embedded", "localhost:0", {});
  REQUIRE(choice.has_value());
  CHECK(choice->embedded);
  CHECK(choice->address.host == "localhost");
  CHECK(choice->address.port == 0);
}

TEST_CASE("broker choice: an external broker may have a user and a password") {
  const auto choice = choose_broker("mqtt://me:se:cr@t@[::1]:1884", "127.0.0.1:0", {});
  REQUIRE(choice.has_value());
  CHECK_FALSE(choice->embedded);
  CHECK(choice->address.host == "::1");
  CHECK(choice->address.port == 1884);
  CHECK(choice->username == "me");
  CHECK(choice->password == "se:cr@t");
}

TEST_CASE("broker choice: what is reachable from outside, or no address, is refused by name") {
  const auto refused = [](const char* mqtt, const char* listen) {
    const auto choice = choose_broker(mqtt, listen, {});
    return choice ? std::string("accepted") : choice.error().message;
  };
  CHECK(refused("embedded", "0.0.0.0:1883") == "accepted");
  CHECK(refused("mqtt://broker.example.org:1883", "").find("loopback") != std::string::npos);
  CHECK(refused("mqtts://broker.example.org:8883", "") == "accepted");
  CHECK(refused("mqtts://[::1]:8883", "").find("IPv6") != std::string::npos);
  CHECK(refused("wss://127.0.0.1:8883", "").find("--mqtt") != std::string::npos);
  CHECK(refused("embedded", "mqtts://127.0.0.1:8883").find("--mqtt-listen") != std::string::npos);
  CHECK(refused("embedded", "127.0.0.1").find("--mqtt-listen") != std::string::npos);
  CHECK(refused("mqtt://127.0.0.1", "").find("--mqtt") != std::string::npos);
}

TEST_CASE("broker choice: TLS is what the URL says, and files without it are refused") {
  const auto plain = choose_broker("mqtt://127.0.0.1:1883", "", {});
  REQUIRE(plain.has_value());
  CHECK_FALSE(plain->tls.has_value());
  const auto safe = choose_broker("mqtts://me:secret@127.0.0.1:8883", "", {});
  REQUIRE(safe.has_value());
  CHECK(safe->tls.has_value());
  CHECK(safe->username == "me");
  const TlsFiles files{.ca = "/nowhere/ca.pem", .certificate = {}, .key = {}};
  const auto without = choose_broker("mqtt://127.0.0.1:1883", "", files);
  REQUIRE_FALSE(without.has_value());
  CHECK(without.error().message.find("mqtts://") != std::string::npos);
  const auto missing = choose_broker("mqtts://127.0.0.1:8883", "", files);
  REQUIRE_FALSE(missing.has_value());
  CHECK(missing.error().message.find("/nowhere/ca.pem") != std::string::npos);
}
