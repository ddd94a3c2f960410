#include <doctest/doctest.h>

#include <fstream>
#include <string>
#include <vector>

#include "broker-bridge/mosquitto-plugin/options.h"
#include "broker-bridge/mosquitto-plugin/refusal_counts.h"
#include "broker-bridge/mosquitto-plugin/token_cache.h"
#include "broker-bridge/mosquitto-plugin/topic_access.h"
#include "tests/support/temporary_folder.h"

using namespace muster;  // NOLINT(google-build-using-namespace)

// The small rules of the plugin: topics, options, the cache and the counts.

namespace {

const std::string me = "00112233445566778899aabbccddeeff";
const std::string own = "muster/v1/d/" + me + "/";
const std::string others = "muster/v1/d/ffeeddccbbaa99887766554433221100/";

}  // namespace

TEST_CASE("topic access: a device writes its own reports, not retained, and nothing else") {
  for (const char* kind : {"up/ack", "up/state", "up/presence"}) {
    CHECK(device_may_write(me, {.topic = own + kind}));
    CHECK_FALSE(device_may_write(me, {.topic = own + kind, .retain = true}));
    CHECK_FALSE(device_may_write(me, {.topic = others + kind}));
    CHECK_FALSE(device_may_write(me, {.topic = own + kind, .payload_size = 20'000}));
  }
  for (const std::string& topic :
       {own + "target", own + "action", own + "up/", own + "up/other", own + "up/state/x",
        std::string("muster/v1/sys/bridge"), std::string("muster/v1/sys/marker"),
        std::string("$CONTROL/muster/v1"), std::string(), me, "muster/v1/d/" + me,
        "muster/v1/d/" + me + "x/up/state"}) {
    CAPTURE(topic);
    CHECK_FALSE(device_may_write(me, {.topic = topic}));
  }
}

TEST_CASE("topic access: a device reads what is meant for it, and no wildcard") {
  for (const std::string& topic :
       {own + "target", own + "action", own + "cancel", std::string("muster/v1/sys/bridge")}) {
    CHECK(device_may_read(me, topic));
  }
  for (const std::string& topic :
       {others + "target", own + "up/state", own + "#", own + "+", own, std::string("#"),
        std::string("+/v1/sys/bridge"), std::string("muster/v1/d/+/target"),
        std::string("muster/v1/sys/+"), std::string("muster/v1/sys/marker"),
        "$share/g/" + own + "target", std::string("$SYS/#"), std::string("$CONTROL/#"),
        std::string("$CONTROL/muster/v1/response")}) {
    CAPTURE(topic);
    CHECK_FALSE(device_may_read(me, topic));
  }
}

TEST_CASE("topic access: the bridge has Muster's topics and no others") {
  CHECK(bridge_may_use("muster/v1/d/+/up/state"));
  CHECK(bridge_may_use("$CONTROL/muster/v1"));
  CHECK(bridge_may_use("$CONTROL/muster/v1/response"));
  CHECK_FALSE(bridge_may_use("#"));
  CHECK_FALSE(bridge_may_use("$CONTROL/dynamic-security/v1"));
}

TEST_CASE("plugin options: all that is needed, and nothing that is not known") {
  const std::vector<PluginOption> all{{"log", me},
                                      {"device_keys_file", "/a b/keys"},
                                      {"bridge_secret_file", "/secret"},
                                      {"parent_pid", "12"}};
  const auto options = read_plugin_options(all);
  REQUIRE(options.has_value());
  CHECK(to_string(options->log) == me);
  CHECK(options->device_keys == "/a b/keys");
  CHECK(options->parent == 12);
  for (std::size_t missing = 0; missing < 3; ++missing) {
    std::vector<PluginOption> fewer = all;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(missing));
    const auto refused = read_plugin_options(fewer);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().message.find(all[missing].name) != std::string::npos);
  }
  for (const PluginOption& wrong :
       {PluginOption{"log", "x"}, PluginOption{"parent_pid", "0"}, PluginOption{"parent_pid", "1x"},
        PluginOption{"colour", "red"}}) {
    std::vector<PluginOption> more = all;
    more.push_back(wrong);
    CHECK_FALSE(read_plugin_options(more).has_value());
  }
}

TEST_CASE("plugin options: a file is read whole, or not at all") {
  const test::TemporaryFolder folder;
  const auto file = folder.path() / "secret";
  CHECK_FALSE(read_plugin_file(file).has_value());
  std::ofstream(file) << "0123456789abcdef\nmore\n";
  CHECK(bridge_secret_in(*read_plugin_file(file)) == "0123456789abcdef");
  CHECK_FALSE(bridge_secret_in("short\n").has_value());
  std::ofstream(file) << std::string(16 * 1024 + 1, 'x');
  CHECK_FALSE(read_plugin_file(file).has_value());
}

TEST_CASE("token cache: it is bounded, and keeps what is used") {
  TokenCache cache(10);
  const auto digest = [](std::uint8_t number) { return Digest{number}; };
  for (std::uint8_t number = 0; number < 200; ++number) {
    cache.add(digest(number), {.generation = number});
    CHECK(cache.find(digest(0)).has_value());  // Asked for again and again.
  }
  CHECK(cache.find(digest(199))->generation == 199);
  CHECK_FALSE(cache.find(digest(100)).has_value());
  cache.clear();
  CHECK_FALSE(cache.find(digest(199)).has_value());
}

TEST_CASE("refusal counts: one of each device, with the last cause, until they are taken") {
  RefusalCounts counts;
  const Uuid device = *parse_uuid(me);
  counts.add(device, RefusalCause::not_ready, 1);
  counts.add(device, RefusalCause::revoked, 2);
  const auto taken = counts.take(5);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0] == ConnectsRefused{device, RefusalCause::revoked, 2, 2});
  CHECK(counts.take(5).empty());
  for (std::size_t i = 0; i < RefusalCounts::devices_max + 5; ++i) {
    counts.add(random_uuid(), RefusalCause::revoked, 3);
  }
  CHECK(counts.take(RefusalCounts::devices_max + 5).size() == RefusalCounts::devices_max);
}
