#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>

#include "broker-bridge/channel/topic.h"
#include "core/base/base64.h"
#include "core/base/digest.h"
#include "tests/broker-bridge/mosquitto-plugin/door.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)
using namespace std::chrono_literals;

// Debian's mosquitto with our plugin, and devices that try what they must not.

namespace {

struct OpenDoor : Door {
  OpenDoor() { open(); }
  const Uuid device = random_uuid();
  const Uuid other = random_uuid();
  const std::string own = fmt::format("muster/v1/d/{}/", to_string(device));
  const std::string others = fmt::format("muster/v1/d/{}/", to_string(other));

  [[nodiscard]] bool is_refused(const std::string& password) const {
    return come(as(device, password)) == nullptr;
  }
};

std::string encoded(const std::string& text) { return to_base64url(as_bytes(text)); }

}  // namespace

TEST_CASE_FIXTURE(OpenDoor, "plugin: a token that is forged, altered or of elsewhere is refused") {
  const std::string good = token(device);
  REQUIRE_FALSE(is_refused(good));
  const auto first = good.find('.');
  const auto second = good.find('.', first + 1);
  const std::string claims =
      render_claims({.issuer = log, .subject = device, .generation = 9, .expires_at = {}});
  CHECK(is_refused(""));
  CHECK(is_refused("password"));
  CHECK(is_refused(good + "x"));
  CHECK(is_refused(good.substr(0, first + 1) + encoded(claims) + good.substr(second)));
  CHECK(is_refused(encoded(R"({"alg":"none","typ":"JWT"})") + "." + encoded(claims) + "."));
  CHECK(is_refused(encoded(R"({"alg":"HS256","typ":"JWT"})") + good.substr(first)));
  const TokenClaims mine{.issuer = log, .subject = device, .generation = 1, .expires_at = {}};
  CHECK(is_refused(SigningKey::generate().sign(mine)));
  TokenClaims elsewhere = mine;
  elsewhere.issuer = random_uuid();
  CHECK(is_refused(key.sign(elsewhere)));
  TokenClaims ended = mine;
  ended.expires_at = 1'700'000'000;
  CHECK(is_refused(key.sign(ended)));
  CHECK(is_refused(token(other)));
  REQUIRE_FALSE(is_refused(good));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: another's client id, no name or a wrong secret is refused") {
  MqttOptions options = as(device);
  options.client_id = to_string(other);
  CHECK(come(options) == nullptr);
  options.client_id = to_string(log);  // The bridge's own.
  CHECK(come(options) == nullptr);
  options = as(device);
  options.username.clear();
  CHECK(come(options) == nullptr);
  options.username = bridge_username;
  CHECK(come(options) == nullptr);
  options.username = "admin";
  CHECK(come(options) == nullptr);
  CHECK_FALSE(bridge->ears.is_lost());
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: a device subscribes to what is its own, and to no wildcard") {
  const auto visitor = come(as(device));
  REQUIRE(visitor != nullptr);
  for (const std::string& filter : device_filters(device)) CHECK(visitor->may_subscribe(filter));
  for (const std::string& filter :
       {std::string("#"), std::string("+/#"), std::string("muster/v1/d/+/target"), own + "#",
        own + "+", own + "up/state", others + "target", std::string("muster/v1/sys/#"),
        std::string("$SYS/#"), std::string("$CONTROL/#"), std::string(control_response_topic),
        "$share/group/" + own + "target"}) {
    CAPTURE(filter);
    CHECK_FALSE(visitor->may_subscribe(filter));
  }
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: of what a device publishes only its reports get through") {
  bridge->say(own + "target", "the target", true);
  const auto may_say = [&](const std::string& topic, const std::string& payload, bool retain) {
    const auto visitor = come(as(device));
    REQUIRE(visitor != nullptr);
    return visitor->may_say(topic, payload, retain);
  };
  CHECK_FALSE(may_say(others + "up/state", "forged", false));
  CHECK_FALSE(may_say(others + "target", "forged", true));
  CHECK_FALSE(may_say(own + "target", "forged", true));
  CHECK_FALSE(may_say(own + "up/state", "forged", true));  // Retained rubbish.
  CHECK_FALSE(may_say(own + "up/more", "forged", false));
  CHECK_FALSE(may_say("muster/v1/sys/bridge", "forged", true));
  CHECK_FALSE(may_say("anything", "forged", true));
  const std::string request = render(ControlRequest{.id = 1, .steps = {}});
  CHECK_FALSE(may_say(std::string(control_topic), request, false));
  const auto visitor = come(as(device));
  REQUIRE(visitor != nullptr);
  visitor->say(own + "up/state", "true");
  REQUIRE(comes_true([&] { return bridge->ears.heard(own + "up/state", "true"); }, 10s));
  for (const MqttMessage& message : bridge->ears.messages()) CHECK(message.payload != "forged");
  REQUIRE(visitor->may_subscribe(own + "target"));
  CHECK(comes_true([&] { return visitor->ears.heard(own + "target", "the target"); }, 10s));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: a will on a topic of others, or retained, is dropped") {
  const auto dies_with_will = [&](const Uuid& who, const std::string& topic, bool retain) {
    MqttOptions options = as(who);
    options.will = MqttMessage{topic, "will", retain};
    auto visitor = come(options);
    REQUIRE(visitor != nullptr);
    visitor.reset();  // Without a goodbye.
  };
  dies_with_will(device, others + "up/presence", false);
  dies_with_will(device, own + "up/presence", true);
  dies_with_will(device, "muster/v1/sys/bridge", true);
  dies_with_will(other, others + "up/state", false);
  REQUIRE(comes_true([&] { return bridge->ears.heard(others + "up/state", "will"); }, 10s));
  CHECK_FALSE(bridge->ears.heard(others + "up/presence", "will"));
  CHECK_FALSE(bridge->ears.heard(own + "up/presence", "will"));
  CHECK_FALSE(bridge->ears.heard("muster/v1/sys/bridge", "will"));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: revoked, a device is out within a second and stays out") {
  MqttOptions options = as(device, token(device, 4));
  options.will = MqttMessage{own + "up/presence", "gone", false};
  const auto visitor = come(options);
  REQUIRE(visitor != nullptr);
  const auto began = std::chrono::steady_clock::now();
  ask({SetMinimum{device, 5}});
  REQUIRE(comes_true([&] { return visitor->ears.is_lost(); }, 10s));
  CHECK(std::chrono::steady_clock::now() - began < 1s);
  CHECK(comes_true([&] { return bridge->ears.heard(own + "up/presence", "gone"); }, 10s));
  CHECK(is_refused(token(device, 4)));
  CHECK_FALSE(is_refused(token(device, 5)));
  ask({SetMinimum{device, no_generation}});
  CHECK(is_refused(token(device, 5)));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: kicked, a device is out without its will, and may come back") {
  MqttOptions options = as(device);
  options.will = MqttMessage{own + "up/presence", "gone", false};
  const auto visitor = come(options);
  REQUIRE(visitor != nullptr);
  ask({KickDevice{device}});
  REQUIRE(comes_true([&] { return visitor->ears.is_lost(); }, 10s));
  const auto again = come(as(device));
  REQUIRE(again != nullptr);
  again->say(own + "up/state", "back");
  REQUIRE(comes_true([&] { return bridge->ears.heard(own + "up/state", "back"); }, 10s));
  CHECK_FALSE(bridge->ears.heard(own + "up/presence", "gone"));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: after a restart nobody gets in before the keys are known") {
  ask({SetMinimum{device, 5}});
  CHECK(is_refused(token(device, 4)));
  kill();
  CHECK(is_refused(token(device, 4)));
  CHECK(is_refused(token(device, 5)));
  CHECK(come(as(other)) == nullptr);
  connect_bridge();
  CHECK(come(as(other)) == nullptr);
  ask({BeginTable{}, SetMinimum{device, 5}});
  CHECK(come(as(other)) == nullptr);
  ask({OpenGate{}});
  CHECK(come(as(other)) != nullptr);
  CHECK(is_refused(token(device, 4)));
  CHECK_FALSE(is_refused(token(device, 5)));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: it says whose new key is in use, and whom it kept out") {
  ask({WatchKey{device, 5}});
  CHECK_FALSE(is_refused(token(device, 4)));
  CHECK_FALSE(says("used "));
  CHECK_FALSE(is_refused(token(device, 5)));
  CHECK(comes_true([&] { return says(fmt::format("used {} 5\n", to_string(device))); }, 10s));
  CHECK(is_refused("nonsense"));
  CHECK(comes_true([&] { return says(fmt::format("kept-out {} no-token 1 ", to_string(device))); },
                   10s));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: rubbish on its control topic harms nobody") {
  for (const std::string& rubbish :
       {std::string(), std::string("rubbish"), std::string(15'000, '\n'), std::string("\0\xff", 2),
        std::string("muster-control-1 5\nopen\n")}) {
    bridge->say(std::string(control_topic), rubbish);
  }
  CHECK(comes_true([&] { return says("refused 5 "); }, 10s));
  open();
  CHECK_FALSE(bridge->ears.is_lost());
  CHECK_FALSE(is_refused(token(device)));
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: its secrets are for the owner only, and new with each start") {
  for (const char* name : {"bridge.secret", "mosquitto.conf", "device-keys.pem"}) {
    struct stat status{};
    REQUIRE(::stat((folder.path() / "run" / name).c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
  }
  const std::string before = broker->login().password;
  const auto next = EmbeddedBroker::start(broker_options(folder.path() / "run", key, log), nullptr);
  REQUIRE(next.has_value());
  CHECK((*next)->login().password != before);
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: without its keys the broker does not run") {
  std::filesystem::remove(folder.path() / "run" / "device-keys.pem");
  REQUIRE(::kill(broker->pid(), SIGKILL) == 0);
  REQUIRE(comes_true([&] { return broker->failure().has_value(); }, 10s));
  CHECK(broker->failure()->message.find("device-keys.pem") != std::string::npos);
}

TEST_CASE_FIXTURE(OpenDoor, "plugin: told to reload, it takes another signing key; bad ones not") {
  const SigningKey next = SigningKey::generate();
  const auto file = folder.path() / "run" / "device-keys.pem";
  const std::string new_token =
      next.sign({.issuer = log, .subject = device, .generation = 1, .expires_at = {}});
  CHECK(is_refused(new_token));
  std::ofstream(file) << "no keys";
  REQUIRE(::kill(broker->pid(), SIGHUP) == 0);
  CHECK_FALSE(comes_true([&] { return is_refused(token(device)); }, 300ms));
  std::ofstream(file) << key.public_pem() << next.public_pem();
  REQUIRE(::kill(broker->pid(), SIGHUP) == 0);
  CHECK(comes_true([&] { return !is_refused(new_token); }, 10s));
  CHECK_FALSE(is_refused(token(device)));
  std::ofstream(file) << next.public_pem();
  REQUIRE(::kill(broker->pid(), SIGHUP) == 0);
  CHECK(comes_true([&] { return is_refused(token(device)); }, 10s));
}
