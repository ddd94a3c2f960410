#include "broker-bridge/credentials/control_message.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

const Uuid device = *parse_uuid("00112233445566778899aabbccddeeff");

}  // namespace

TEST_CASE("control message: a request comes back as it was") {
  const ControlRequest request{
      .id = 7,
      .steps = {BeginTable{}, SetMinimum{device, 5}, SetMinimum{device, no_generation},
                WatchKey{device, 6}, KickDevice{device}, OpenGate{}}};
  const auto parsed = parse_control_request(render(request));
  REQUIRE(parsed.has_value());
  CHECK(parsed->id == 7);
  CHECK(parsed->steps == request.steps);
  CHECK(parse_control_request(render(ControlRequest{.id = 1, .steps = {}}))->steps.empty());
}

TEST_CASE("control message: what the plugin says comes back as it was") {
  const std::vector<ControlNotice> said{
      ControlAnswer{7, ""}, ControlAnswer{8, "the table of keys is full"}, KeyUsed{device, 9},
      ConnectsRefused{device, RefusalCause::revoked, 3, 1'800'000'000}};
  const auto parsed = parse_control_notices(render(said));
  REQUIRE(parsed.has_value());
  CHECK(*parsed == said);
}

TEST_CASE("control message: a text that does not fit is refused whole, naming the line") {
  const std::string uuid = to_string(device);
  for (const std::string& text : std::vector<std::string>{
           "", std::string("muster-control-2 1\n"), std::string("muster-control-1\n"),
           std::string("muster-control-1 x\n"), "muster-control-1 1 2\n",
           "muster-control-1 1\nminimum " + uuid + "\n",
           "muster-control-1 1\nminimum " + uuid + " 5 6\n", "muster-control-1 1\nopen now\n",
           "muster-control-1 1\nkick x\n", "muster-control-1 1\n\n",
           "muster-control-1 1\nwatch " + uuid + " -1\n", std::string(control_size_max + 1, 'x')}) {
    CAPTURE(text.substr(0, 80));
    CHECK_FALSE(parse_control_request(text).has_value());
  }
  CHECK(parse_control_request("muster-control-1 1\nopen\nshut\n").error().message.find("line 3") !=
        std::string::npos);
  for (const std::string& text : std::vector<std::string>{
           std::string("done\n"), std::string("done 1 but\n"), std::string("refused 1\n"),
           "used " + uuid + "\n", "kept-out " + uuid + " because 1 2\n",
           "kept-out " + uuid + " revoked 1\n"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_control_notices(text).has_value());
  }
}

TEST_CASE("control message: each cause of a refusal has a word of its own") {
  for (int number = 0; number <= static_cast<int>(RefusalCause::bad_secret); ++number) {
    const auto cause = static_cast<RefusalCause>(number);
    CHECK(parse_refusal_cause(to_string(cause)) == cause);
  }
  CHECK_FALSE(parse_refusal_cause("because").has_value());
}
