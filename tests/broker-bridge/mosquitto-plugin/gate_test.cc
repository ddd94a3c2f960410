#include "broker-bridge/mosquitto-plugin/gate.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "broker-bridge/credentials/signing_key.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

// Who may connect, by the rules alone; plugin_test.cc has the same against a real broker.

namespace {

const Uuid home = *parse_uuid("00112233445566778899aabbccddeeff");
constexpr std::int64_t now_s = 1'800'000'000;
const std::string secret = "a secret of the bridge";

struct AtTheGate {
  SigningKey key = SigningKey::generate();
  std::vector<std::pair<Uuid, bool>> closed;
  std::vector<ControlNotice> told;
  Gate gate{
      home,
      {*TokenVerifier::from_pem(key.public_pem()), secret},
      {.close = [this](const Uuid& who, bool with_will) { closed.emplace_back(who, with_will); },
       .tell = [this](const ControlNotice& notice) { told.push_back(notice); }}};
  const Uuid device = random_uuid();
  const std::string name = to_string(device);

  void open(std::vector<ControlStep> steps = {}) {
    steps.insert(steps.begin(), BeginTable{});
    steps.emplace_back(OpenGate{});
    REQUIRE(gate.take({.id = 1, .steps = std::move(steps)}).has_value());
  }
  void take(ControlStep step) { REQUIRE(gate.take({.id = 2, .steps = {step}}).has_value()); }

  [[nodiscard]] std::string token(std::uint64_t generation, std::optional<std::int64_t> end = {}) {
    return key.sign(
        {.issuer = home, .subject = device, .generation = generation, .expires_at = end});
  }
  std::string knock(const std::string& password, const void* client = nullptr) {
    return knock_as(name, name, password, client);
  }
  std::string knock_as(const std::string& client_id, const std::string& username,
                       const std::string& password, const void* client = nullptr) {
    const auto refusal = gate.refusal_of({.client = client,
                                          .client_id = client_id,
                                          .username = username,
                                          .password = password,
                                          .now_s = now_s});
    return refusal ? std::string(to_string(*refusal)) : "admitted";
  }
};

}  // namespace

TEST_CASE_FIXTURE(AtTheGate, "gate: until it is opened it lets in the bridge and no device") {
  CHECK(knock(token(1)) == "not-ready");
  CHECK(knock_as("any", std::string(bridge_username), secret) == "admitted");
  CHECK(knock_as("any", std::string(bridge_username), secret + "x") == "bad-secret");
  CHECK(knock_as("any", std::string(bridge_username), "") == "bad-secret");
  open();
  CHECK(knock(token(1)) == "admitted");
}

TEST_CASE_FIXTURE(AtTheGate, "gate: a token is for one log, one device and its own client id") {
  open();
  CHECK(knock_as("other", name, token(1)) == "client-id-mismatch");
  CHECK(knock("") == "no-password");
  CHECK(knock("password") == "no-token");
  CHECK(knock(SigningKey::generate().sign({.issuer = home, .subject = device, .generation = 1})) ==
        "bad-signature");
  CHECK(knock(key.sign({.issuer = random_uuid(), .subject = device, .generation = 1})) ==
        "wrong-log");
  const std::string others = key.sign({.issuer = home, .subject = random_uuid(), .generation = 1});
  CHECK(knock(others) == "wrong-device");
  CHECK(knock(others) == "wrong-device");  // Also when it was seen before.
  CHECK(knock_as("", "", "") == "no-password");
  CHECK(knock_as("me", "me", token(1)) == "no-password");
}

TEST_CASE_FIXTURE(AtTheGate, "gate: a token ends when it says, known to the gate or not") {
  open();
  CHECK(knock(token(1, now_s)) == "expired");
  const std::string lasting = token(1, now_s + 1);
  CHECK(knock(lasting) == "admitted");
  const auto later = gate.refusal_of(
      {.client_id = name, .username = name, .password = lasting, .now_s = now_s + 1});
  CHECK(later == RefusalCause::expired);
}

TEST_CASE_FIXTURE(AtTheGate, "gate: keys older than the device's minimum are refused") {
  open({SetMinimum{device, 5}});
  CHECK(knock(token(4)) == "revoked");
  CHECK(knock(token(5)) == "admitted");
  take(SetMinimum{device, no_generation});
  CHECK(knock(token(6)) == "revoked");
}

TEST_CASE_FIXTURE(AtTheGate, "gate: a device with a key that is good no more is put out") {
  open();
  CHECK(knock(token(4)) == "admitted");
  take(SetMinimum{device, 4});
  CHECK(closed.empty());
  take(SetMinimum{device, 5});
  CHECK(closed == std::vector<std::pair<Uuid, bool>>{{device, true}});
  CHECK(knock(token(4)) == "revoked");
  take(KickDevice{device});
  CHECK(closed.back() == std::pair(device, false));
}

TEST_CASE_FIXTURE(AtTheGate, "gate: a new table is in use only when it is whole") {
  open();
  CHECK(knock(token(4)) == "admitted");
  REQUIRE(gate.take({.id = 3, .steps = {BeginTable{}, SetMinimum{device, 5}}}).has_value());
  CHECK(closed.empty());
  CHECK(knock(token(4)) == "admitted");
  take(OpenGate{});
  CHECK(closed.size() == 1);
  CHECK(knock(token(4)) == "revoked");
  CHECK_FALSE(gate.take({.id = 4, .steps = {OpenGate{}}}).has_value());
}

TEST_CASE_FIXTURE(AtTheGate, "gate: it says when a watched key is used, now or later") {
  open({WatchKey{device, 5}});
  CHECK(knock(token(4)) == "admitted");
  CHECK(told.empty());
  CHECK(knock(token(5)) == "admitted");
  CHECK(told == std::vector<ControlNotice>{KeyUsed{device, 5}});
  take(SetMinimum{device, 5});
  CHECK(knock(token(5)) == "admitted");
  CHECK(told.size() == 1);
  take(WatchKey{device, 5});
  CHECK(told.size() == 2);
}

TEST_CASE_FIXTURE(AtTheGate, "gate: who left is not there; who came again meanwhile is") {
  const int first = 0;
  const int second = 0;
  open();
  knock(token(4), &first);
  knock(token(4), &second);
  gate.left(name, &first);
  take(SetMinimum{device, 5});
  CHECK(closed.size() == 1);
  gate.left(name, &second);
  take(SetMinimum{device, 6});
  CHECK(closed.size() == 1);
}

TEST_CASE_FIXTURE(AtTheGate, "gate: with another signing key, what the old one signed is refused") {
  open();
  const std::string old_token = token(1);
  CHECK(knock(old_token) == "admitted");
  const SigningKey next = SigningKey::generate();
  gate.trust({*TokenVerifier::from_pem(next.public_pem()), secret});
  CHECK(knock(old_token) == "bad-signature");
}
