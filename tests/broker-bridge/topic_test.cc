#include "broker-bridge/channel/topic.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

constexpr std::string_view digits = "0123456789abcdef0123456789abcdef";
const Uuid device = *parse_uuid(digits);

}  // namespace

TEST_CASE("topic: the device's topics are those of the contract") {
  CHECK(target_topic(device) == "muster/v1/d/0123456789abcdef0123456789abcdef/target");
  CHECK(action_topic(device) == "muster/v1/d/0123456789abcdef0123456789abcdef/action");
  CHECK(cancel_topic(device) == "muster/v1/d/0123456789abcdef0123456789abcdef/cancel");
  CHECK(up_topic(device, UpKind::presence) ==
        "muster/v1/d/0123456789abcdef0123456789abcdef/up/presence");
}

TEST_CASE("topic: what a device says comes back as device and kind") {
  for (const UpKind kind : {UpKind::ack, UpKind::state, UpKind::presence}) {
    CHECK(parse_up_topic(up_topic(device, kind)) == UpTopic{device, kind});
  }
  CHECK(parse_target_topic(target_topic(device)) == device);
}

TEST_CASE("topic: anything else is not a device's topic") {
  const std::string root = "muster/v1/d/";
  const std::string uuid(digits);
  const std::vector<std::string> others = {std::string(),
                                           root,
                                           root + uuid,
                                           root + uuid + "/",
                                           root + uuid + "/up",
                                           root + uuid + "/up/",
                                           root + uuid + "/up/acks",
                                           root + uuid + "/up/ack/",
                                           root + uuid + "/up/ack/x",
                                           root + uuid + "/ack",
                                           root + uuid + "0/up/ack",
                                           root + uuid.substr(1) + "/up/ack",
                                           root + "+/up/ack",
                                           root + uuid + "//up/ack",
                                           "/" + root + uuid + "/up/ack",
                                           "muster/v2/d/" + uuid + "/up/ack",
                                           root + "0123456789ABCDEF0123456789ABCDEF/up/ack",
                                           target_topic(device),
                                           root + uuid + std::string("/up/ack\0", 8)};
  for (const std::string& topic : others) {
    CAPTURE(topic);
    CHECK_FALSE(parse_up_topic(topic).has_value());
  }
  CHECK_FALSE(parse_target_topic(up_topic(device, UpKind::state)).has_value());
  CHECK_FALSE(parse_target_topic(root + uuid + "/target/x").has_value());
}

TEST_CASE("topic: the bridge hears every device and its own marker, a device only its own") {
  CHECK(bridge_filters() ==
        std::vector<std::string>{"muster/v1/d/+/up/ack", "muster/v1/d/+/up/state",
                                 "muster/v1/d/+/up/presence", "muster/v1/sys/marker",
                                 "muster/v1/sys/probe"});
  CHECK(device_filters(device) ==
        std::vector<std::string>{target_topic(device), action_topic(device), cancel_topic(device),
                                 "muster/v1/sys/bridge"});
}
