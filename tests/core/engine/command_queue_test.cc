#include "core/engine/command_queue.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

using namespace muster;  // NOLINT(google-build-using-namespace)

namespace {

/// A command that is known by its reason.
Submission submission(std::string name, UserId user) {
  return {.command = {.actor = {.user = user, .token = {}}, .reason = std::move(name)},
          .answer = {}};
}

Submission of_user(std::string name) { return submission(std::move(name), UserId{1}); }
Submission of_server(std::string name) { return submission(std::move(name), UserId{}); }

std::size_t push_masses(CommandQueue& queue, std::size_t count) {
  std::vector<Submission> some;
  for (std::size_t i = 0; i < count; ++i) some.push_back(of_user(fmt::format("m{}", i)));
  return queue.push_some(some);
}

std::string pop_all(CommandQueue& queue) {
  std::string names;
  while (const auto next = queue.pop()) names += fmt::format("{} ", next->command.reason);
  return names;
}

}  // namespace

TEST_CASE("command queue: users first, then masses and server in turns, each in their order") {
  CommandQueue queue(10);
  CHECK(queue.empty());
  CHECK(queue.push(of_server("s0")));
  CHECK(queue.push(of_server("s1")));
  CHECK(push_masses(queue, 3) == 3);
  CHECK(queue.push(of_user("u0")));
  CHECK(queue.push(of_user("u1")));
  CHECK_FALSE(queue.empty());
  CHECK(pop_all(queue) == "u0 u1 m0 s0 m1 s1 m2 ");
  CHECK(queue.empty());
}

TEST_CASE("command queue: a full lane refuses, and leaves the others their room") {
  CommandQueue queue(4);
  CHECK(push_masses(queue, 5) == 2);
  CHECK(push_masses(queue, 1) == 0);
  for (int i = 0; i < 4; ++i) CHECK(queue.push(of_server("s")));
  CHECK_FALSE(queue.push(of_server("s")));
  for (int i = 0; i < 4; ++i) CHECK(queue.push(of_user("u")));
  CHECK_FALSE(queue.push(of_user("u")));
}

TEST_CASE("command queue: however much users ask for, the others get a turn now and then") {
  CommandQueue queue(100);
  for (int i = 0; i < 40; ++i) CHECK(queue.push(of_user("u")));
  CHECK(queue.push(of_server("s")));
  CHECK(push_masses(queue, 1) == 1);
  std::string names = pop_all(queue);
  std::erase(names, ' ');
  const std::string users(CommandQueue::users_in_row_max, 'u');
  const std::string rest(40 - 2 * users.size(), 'u');
  CHECK(names == fmt::format("{}m0{}s{}", users, users, rest));
}
