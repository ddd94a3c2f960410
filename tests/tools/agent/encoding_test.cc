// Bridge and agent share no code for payloads: here each reads what the other writes, in both
// forms.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <array>

#include "broker-bridge/channel/flat_codec.h"
#include "tests/support/domain_world.h"
#include "tools/agent/channel/messages.h"

namespace muster::agent {
namespace {

constexpr std::size_t padding_max = 3;  // At a message's end, of no meaning.
constexpr std::array both{Encoding::json, Encoding::flatbuffers};

std::string text() { return *rc::gen::element<std::string>("", "b1", "é", "a b"); }

StateReport any_report() {
  return {.position = {*rc::gen::arbitrary<std::uint32_t>(), *rc::gen::arbitrary<std::uint32_t>()},
          .running = *rc::gen::element<std::string>("", "0123456789abcdef"),
          .status =
              *rc::gen::element(Status::idle, Status::downloading, Status::locked, Status::waiting,
                                Status::applying, Status::done, Status::rejected),
          .percent = *rc::gen::inRange(0, 101),
          .code = *rc::gen::arbitrary<int>(),
          .message = text(),
          .locks = {text(), "main"},
          .boot = text()};
}

auto parts(const ProgressReport& r) {
  return std::tuple{r.epoch, r.sequence, r.running, r.status, r.percent,
                    r.code,  r.message,  r.locks,   r.boot};
}

}  // namespace

TEST_CASE("encoding: the agent reads the same target in both forms of the bridge") {
  const LogIdentity identity{.log = random_uuid(), .epoch = 7};
  for (const std::string manifest : {"", "{}", R"({"b":{"x":[1,"é"]},"a":null})"}) {
    test::World world;
    const FleetId fleet = world.fleet("thermo");
    const DeviceId device = world.device(fleet);
    const auto compare = [&] {
      const auto read = [&](Encoding encoding) {
        const auto payload =
            target_payload(identity, world.of(fleet), world.target(device), encoding);
        CHECK(is_json(payload) == (encoding == Encoding::json));
        const auto target = parse_target(payload);
        REQUIRE_MESSAGE(target.has_value(), target.error().message);
        return *target;
      };
      const Target json = read(Encoding::json);
      const Target flat = read(Encoding::flatbuffers);
      CHECK(json.position == flat.position);
      CHECK(json.policy == flat.policy);
      CHECK(json.release == flat.release);
      CHECK(json.after_action == flat.after_action);
      CHECK(json.local_mode == flat.local_mode);
      CHECK(json.lock_override == flat.lock_override);
    };
    compare();
    world.pinned(device, world.release(fleet, {.commit = test::commit("a"), .manifest = manifest}));
    compare();
  }
}

TEST_CASE("encoding: the bridge reads the same from both forms of the agent") {
  const bool holds = rc::check([] {
    const StateReport report = any_report();
    const auto json = muster::parse_state(encode_state(report, Encoding::json));
    const auto flat = muster::parse_state(encode_state(report, Encoding::flatbuffers));
    RC_ASSERT(json && flat);
    RC_ASSERT(parts(*json) == parts(*flat));
    Birth birth{.session = "s1",
                .boot = text(),
                .os_version = "6.1.0",
                .os_variant = *rc::gen::element<std::string>("prod", "dev"),
                .agent_version = "1.1.0",
                .encoding = {}};
    RC_ASSERT(!muster::parse_presence(encode_birth(birth))->encoding);
    for (const Encoding encoding : both) {
      birth.encoding = encoding;
      const auto born = muster::parse_presence(encode_birth(birth));
      RC_ASSERT(born && born->online && born->session == "s1" && born->boot == birth.boot);
      RC_ASSERT(born->encoding == encoding);
      RC_ASSERT(born->software->os_version == "6.1.0");
      RC_ASSERT(to_string(born->software->os_variant) == birth.os_variant);
      const auto died = muster::parse_presence(encode_death("s1", encoding));
      RC_ASSERT(died && !died->online && died->session == "s1");
    }
  });
  CHECK(holds);
}

TEST_CASE("encoding: the agent refuses FlatBuffers that are cut, turned or something else") {
  test::World world;
  const FleetId fleet = world.fleet("thermo");
  const DeviceId device = world.device(fleet);
  world.pinned(fleet, world.release(fleet, {.commit = test::commit("a"), .manifest = "{}"}));
  const std::string whole = target_payload({.log = {}, .epoch = 7}, world.of(fleet),
                                           world.target(device), Encoding::flatbuffers);
  for (std::size_t size = 1; size + padding_max < whole.size(); ++size) {
    CHECK_FALSE(parse_target(whole.substr(0, size)).has_value());
  }
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string turned = whole;
    turned[bit / 8] = static_cast<char>(turned[bit / 8] ^ static_cast<char>(1U << (bit % 8)));
    if (const auto read = parse_target(turned)) CHECK(read->release->commit.size() <= 128);
  }
  CHECK_FALSE(parse_target(encode_death("s", Encoding::flatbuffers)).has_value());
}

}  // namespace muster::agent
