#include "tools/server/refusals/refusal_log.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

const Timestamp noon{std::chrono::hours{500'000}};

RefusalEntry entry(std::uint32_t user, const std::string& code, Timestamp at = noon) {
  return {.at = at,
          .actor = {.user = UserId{user}, .token = TokenId{7}},
          .remote = "127.0.0.1",
          .what = "GET /v1/\"x\"",
          .code = code,
          .entity = "fleet acme/thermo"};
}

}  // namespace

TEST_CASE("refusal log: what was added is found, the newest first, also after a new start") {
  const TemporaryFolder folder;
  auto log = RefusalLog::open(folder.path()).value();
  log->add(entry(1, "not-allowed"));
  log->add(entry(2, "unknown-fleet"));
  log = RefusalLog::open(folder.path()).value();
  log->add(entry(1, "unknown-fleet"));
  const auto all = log->find({}, noon);
  REQUIRE(all.size() == 3);
  CHECK(all[0].number == 3);
  CHECK(all[2].number == 1);
  CHECK(all[2].what == "GET /v1/\"x\"");
  CHECK(all[2].actor == Actor{UserId{1}, TokenId{7}});
  CHECK(log->find({.user = UserId{1}, .code = "unknown-fleet"}, noon).size() == 1);
  CHECK(log->find({.before = 3, .limit = 1}, noon).front().number == 2);
}

TEST_CASE("refusal log: what is too old is not shown, what makes no sense is passed over") {
  const TemporaryFolder folder;
  auto log = RefusalLog::open(folder.path()).value();
  log->add(entry(1, "a", noon - RefusalLog::kept_for - std::chrono::hours{1}));
  log->add(entry(1, "b"));
  std::ofstream(folder.path() / "current.jsonl", std::ios::app) << "nonsense\n[]\n{\"n\":-1}\n";
  log = RefusalLog::open(folder.path()).value();
  CHECK(log->find({}, noon).size() == 1);
  log->add(entry(1, "c"));
  CHECK(log->find({}, noon).front().number == 3);
}

TEST_CASE("refusal log: it keeps as many as it says, and not many more") {
  const TemporaryFolder folder;
  auto log = RefusalLog::open(folder.path()).value();
  const std::size_t added = 2 * RefusalLog::entries_per_file + 10;
  for (std::size_t i = 0; i < added; ++i) log->add(entry(1, "a"));
  const auto all = log->find({.limit = added}, noon);
  CHECK(all.size() == RefusalLog::entries_per_file + 10);
  CHECK(all.front().number == added);
}
