#include <doctest/doctest.h>

#include <string>

#include "tests/support/domain_world.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

// Keys with which devices register themselves: how often, how long, and who may issue them.

namespace {

using std::chrono::hours;

struct Provisioning {
  World world;
  FleetId fleet = world.fleet("thermo");

  [[nodiscard]] IssueProvisioningKey issue(std::uint32_t uses, hours lasts = hours{1}) const {
    return {"acme/thermo", "line-3", {}, uses, world.now() + lasts};
  }
  std::string join(std::uint32_t number, ProvisioningKeyId key = ProvisioningKeyId{1}) {
    return world.perform(
        RegisterDevice{.uuid = *parse_uuid(uuid_text(number)), .provisioning_key = key},
        {.by = Actor{}});
  }
};

}  // namespace

TEST_CASE_FIXTURE(Provisioning, "provisioning key: each device that registers uses it once") {
  CHECK(world.perform(issue(2)) == "ProvisioningKeyIssued 1 fleet=1 line-3 uses=2");
  CHECK(join(1) == "DeviceRegistered 1 " + uuid_text(1) +
                       " fleet=1 device-type=1 name=0000000 provisioning-key=1");
  CHECK(world.state().find(ProvisioningKeyId{1})->used == 1);
  CHECK(join(1) == "refused: uuid-taken");
  CHECK(world.state().find(ProvisioningKeyId{1})->used == 1);
  join(2);
  CHECK(join(3) == "refused: provisioning-key-exhausted");
  CHECK(world.of(DeviceId{2}).provisioning_key == ProvisioningKeyId{1});
}

TEST_CASE_FIXTURE(Provisioning, "provisioning key: revoked or expired, it is of no use") {
  world.perform(issue(5));
  CHECK(world.perform(RevokeProvisioningKey{"acme/thermo", ProvisioningKeyId{1}}) ==
        "ProvisioningKeyRevoked 1");
  CHECK(world.when(RevokeProvisioningKey{"acme/thermo", ProvisioningKeyId{1}}) == "nothing");
  CHECK(join(1) == "refused: provisioning-key-revoked");

  world.given(ProvisioningKeyIssued{.id = ProvisioningKeyId{2},
                                    .fleet = fleet,
                                    .name = "old",
                                    .uses = 5,
                                    .expires_at = world.now()});
  CHECK(join(1, ProvisioningKeyId{2}) == "refused: provisioning-key-expired");
}

TEST_CASE_FIXTURE(Provisioning,
                  "provisioning key: it is for its own fleet, whatever is asked for") {
  world.fleet("second");
  world.perform(issue(1));
  const std::string joined = world.perform(RegisterDevice{.fleet = "acme/second",
                                                          .uuid = *parse_uuid(uuid_text(1)),
                                                          .provisioning_key = ProvisioningKeyId{1}},
                                           {.by = Actor{}});
  CHECK(joined.find("fleet=1 ") != std::string::npos);
}

TEST_CASE_FIXTURE(Provisioning, "provisioning key: uses, time and name have limits") {
  CHECK(world.when(issue(0)) == "refused: invalid-field");
  CHECK(world.when(issue(provisioning_uses_max + 1)) == "refused: invalid-field");
  CHECK(world.when(issue(provisioning_uses_max)).starts_with("ProvisioningKeyIssued"));
  CHECK(world.when(issue(1, hours{0})) == "refused: invalid-field");
  CHECK(world.when(issue(1, provisioning_time_max + hours{1})) == "refused: invalid-field");
  CHECK(world.when(issue(1, provisioning_time_max)).starts_with("ProvisioningKeyIssued"));
  IssueProvisioningKey nameless = issue(1);
  nameless.name = "";
  CHECK(world.when(nameless) == "refused: invalid-name");
}

TEST_CASE_FIXTURE(Provisioning, "provisioning key: who may register may issue and revoke") {
  const Actor observer = world.user("observer");
  world.member(fleet, observer, Role::observer);
  const Actor worker = world.user("worker");
  world.member(fleet, worker, Role::fleet_operator);
  CHECK(world.when(issue(1), {.by = observer}) == "refused: not-allowed");
  CHECK(world.when(issue(1), {.by = world.user("stranger")}) == "refused: unknown-fleet");
  world.perform(issue(1), {.by = worker});
  const RevokeProvisioningKey revoke{"acme/thermo", ProvisioningKeyId{1}};
  CHECK(world.when(revoke, {.by = observer}) == "refused: not-allowed");
  CHECK(world.when(revoke, {.version = 1}) == "refused: stale-version");
  CHECK(world.when(revoke, {.by = worker}) == "ProvisioningKeyRevoked 1");
}

TEST_CASE_FIXTURE(Provisioning, "provisioning key: another fleet's, or none, is unknown") {
  world.fleet("second");
  world.perform(issue(1));
  CHECK(world.when(RevokeProvisioningKey{"acme/second", ProvisioningKeyId{1}}) ==
        "refused: unknown-provisioning-key");
  CHECK(world.when(RevokeProvisioningKey{"acme/thermo", ProvisioningKeyId{2}}) ==
        "refused: unknown-provisioning-key");
}
