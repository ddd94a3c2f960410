#include "core/engine/recent_commands.h"

#include <doctest/doctest.h>

using namespace muster;  // NOLINT(google-build-using-namespace)

TEST_CASE("recent commands: a key belongs to its user and is forgotten once it is folded") {
  RecentCommands recent;
  const UserId anna{1};
  const UserId bert{2};
  recent.add(anna, "k", RememberedCommand{.first = Sequence{10}, .count = 3});

  REQUIRE(recent.find(anna, "k").has_value());
  CHECK(recent.find(anna, "k")->first == Sequence{10});
  CHECK_FALSE(recent.find(bert, "k").has_value());

  recent.forget_through(Sequence{11});  // Its last event, 12, is not folded yet.
  CHECK(recent.find(anna, "k").has_value());
  recent.forget_through(Sequence{12});
  CHECK_FALSE(recent.find(anna, "k").has_value());
}
