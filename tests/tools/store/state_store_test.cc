#include "tools/store/state_store.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <optional>

#include "tests/support/system.h"
#include "tests/support/temporary_folder.h"

namespace muster {
namespace {

StoreOptions options_in(const std::filesystem::path& folder,
                        std::function<Result<Command>()> first) {
  return {.log = folder / "log",
          .views = folder / "views",
          .subject_keys = folder / "keys",
          .first = std::move(first),
          .engine = {}};
}

Result<Command> never() { return fail(ErrorCode::failed, "asked for a first command"); }

TEST_CASE("state store: another one in the same folder goes on where the first ended") {
  const test::TemporaryFolder folder;
  Sequence head;
  {
    test::System system(folder.path());
    system.follow();
    system.device(system.fleet("kiosk"));
    head = system.log().head();
  }
  SystemClock clock;
  const auto store = StateStore::open(options_in(folder.path(), never), clock);
  REQUIRE_MESSAGE(store.has_value(), store.error().message);
  CHECK_FALSE((*store)->is_new());
  CHECK((*store)->identity().epoch == test::System::epoch);
  CHECK((*store)->log().head() == head);
  CHECK((*store)->runner().position() == head);
}

TEST_CASE("state store: a log that has no first command stays empty and is tried again") {
  const test::TemporaryFolder folder;
  SystemClock clock;
  const auto store = StateStore::open(options_in(folder.path(), never), clock);
  REQUIRE_FALSE(store.has_value());
  CHECK(store.error().message == "asked for a first command");
  const test::System system(folder.path());
}

TEST_CASE("state store: one folder is open once") {
  const test::TemporaryFolder folder;
  const test::System system(folder.path());
  SystemClock clock;
  const auto second = StateStore::open(options_in(folder.path(), never), clock);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::in_use);
}

}  // namespace
}  // namespace muster
