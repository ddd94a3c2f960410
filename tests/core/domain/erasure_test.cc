// Erasing what is personal of a user.
#include <doctest/doctest.h>

#include "tests/support/domain_text.h"
#include "tests/support/domain_world.h"

namespace muster {
namespace {

using test::How;
using test::uuid_text;
using test::World;

constexpr auto administrator = static_cast<std::uint8_t>(InstanceRole::administrator);

TEST_CASE("erasure: the user, and the notes that the user wrote where they stand") {
  World world;
  const Actor ada = world.user("ada", administrator);
  const How by_root{.by = world.root, .confirmed = true};
  world.given(FleetCreated{.id = FleetId{1},
                           .uuid = {},
                           .organisation = OrganisationId{1},
                           .name = "one",
                           .slug = "acme/one",
                           .device_type = DeviceTypeId{1}});
  CHECK(world.when(EraseUser{"nobody", {}}, by_root) == "refused: unknown-user");
  CHECK(world.when(EraseUser{"ada", {}}, {.by = world.root}) == "refused: confirmation-needed");
  CHECK(world.when(EraseUser{"root", {}}, {.by = ada, .confirmed = true}) == "UserErased 1");
  CHECK(world.perform(EraseUser{"ada", {}}, by_root) ==
        "UserErased " + std::to_string(ada.user.value()));

  const User* erased = world.state().find(ada.user);
  CHECK(erased->username == erased_text);
  CHECK(erased->erased);
  CHECK_FALSE(erased->enabled);
  CHECK(world.state().find_user("ada") == nullptr);
  CHECK(world.state().find_user(erased_text) == nullptr);
  CHECK(world.when(CreateUser{std::string(erased_text), {}}, by_root) == "refused: invalid-name");
  CHECK(world.when(EraseUser{"root", {}}, by_root) == "refused: last-administrator");
}

TEST_CASE("erasure: Muster itself erases again who was erased before a restore, once") {
  World world;
  const Actor ada = world.user("ada");
  CHECK(world.perform(EraseUser{{}, ada.user}, {.by = Actor{}}) ==
        "UserErased " + std::to_string(ada.user.value()));
  CHECK(world.when(EraseUser{{}, ada.user}, {.by = Actor{}}) == "nothing");
  CHECK(world.when(EraseUser{{}, UserId{99}}, {.by = Actor{}}) == "nothing");
}

}  // namespace
}  // namespace muster
