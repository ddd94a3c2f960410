#include "projections/rebuild/row_build.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <fstream>
#include <map>

#include "tests/projections/history.h"
#include "tests/projections/log_of.h"
#include "tests/support/temporary_folder.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

namespace {

/// Does what a test says with every event.
class ScriptedView final : public Projection {
 public:
  using Script = std::function<void(ViewBatch&, const Recorded&)>;
  explicit ScriptedView(Script script) : script_(std::move(script)) {}
  [[nodiscard]] std::string_view name() const override { return "scripted"; }
  [[nodiscard]] std::uint32_t version() const override { return 1; }
  void apply(ViewBatch& batch, const Recorded& recorded) override { script_(batch, recorded); }
  void finish(ViewBatch&) override {}

 private:
  const Script script_;
};

using Rows = std::map<std::string, std::string>;

Rows rows_of(RowBuild& build) {
  Rows found;
  const auto rows = build.rows();
  std::string last;
  while (rows->next().value()) {
    const RowChange& row = rows->change();
    CHECK((found.empty() || row.key > last));
    last = row.key;
    found.emplace(row.key, row.value.value());
  }
  return found;
}

std::unique_ptr<RowBuild> opened(const TemporaryFolder& folder, const LogOf& log_of,
                                 std::uint32_t version = 1) {
  return RowBuild::open({.folder = folder.path() / "work",
                         .log = Uuid{},
                         .view = "scripted",
                         .version = version,
                         .table_bytes = 1},
                        log_of.log)
      .value();
}

}  // namespace

TEST_CASE("row build: it reads back and gives in order what was written last, wherever it is") {
  CHECK(rc::check("build equals map",
                  [](const std::vector<std::tuple<std::uint8_t, std::string, bool>>& changes,
                     const std::vector<std::string>& keys) {
                    const TemporaryFolder folder;
                    const History history = long_history(1, 60);
                    const LogOf log_of(history.events());
                    auto build = opened(folder, log_of);
                    Rows expected;
                    Rows unread;
                    std::size_t step = 0;
                    ScriptedView view([&](ViewBatch& batch, const Recorded&) {
                      for (std::size_t i = 0; i < 5 && step < changes.size(); ++i, ++step) {
                        const auto& [number, value, erased] = changes[step];
                        const std::string key = keys.empty()
                                                    ? std::string(1, static_cast<char>(number))
                                                    : keys[number % keys.size()];
                        if (erased) {
                          batch.erase(key);
                          expected.erase(key);
                        } else {
                          batch.put(key, value);
                          expected[key] = value;
                        }
                        batch.put_unread("unread " + key, value);
                        unread["unread " + key] = value;
                        RC_ASSERT(batch.get(key) == (erased ? std::nullopt : std::optional(value)));
                      }
                      for (const auto& [key, value] : expected) RC_ASSERT(batch.get(key) == value);
                    });
                    const std::span events(history.events());
                    for (std::size_t i = 0; i < 20; ++i) {
                      RC_ASSERT(build->fold(view, events.subspan(i, 1)).has_value());
                      if (i % 4 == 3) RC_ASSERT(build->save(view).has_value());
                      if (i % 8 == 7) build.reset();
                      if (build == nullptr) build = opened(folder, log_of);
                      RC_ASSERT(build->position() == Sequence{i + 1});
                    }
                    RC_ASSERT(build->finish(view).has_value());
                    expected.merge(unread);
                    RC_ASSERT(rows_of(*build) == expected);
                  }));
}

TEST_CASE("row build: what is of another view, another log or damaged is not gone on with") {
  const TemporaryFolder folder;
  const History history = long_history(1, 60);
  LogOf log_of(history.events());
  ScriptedView view([](ViewBatch& batch, const Recorded& recorded) {
    batch.put(std::to_string(recorded.sequence.value()), "value");
  });
  {
    const auto build = opened(folder, log_of);
    REQUIRE(build->fold(view, std::span(history.events()).first(10)).has_value());
    REQUIRE(build->save(view).has_value());
  }
  REQUIRE(opened(folder, log_of)->position() == Sequence{10});
  CHECK(unfinished_build(folder.path() / "work") == Sequence{10});
  SUBCASE("another version") { CHECK(opened(folder, log_of, 2)->position() == Sequence{}); }
  SUBCASE("another log") {
    const LogOf other(long_history(2, 60).events());
    CHECK(opened(folder, other)->position() == Sequence{});
  }
  SUBCASE("a shorter log") {
    const LogOf shorter(std::span(history.events()).first(9));
    CHECK(opened(folder, shorter)->position() == Sequence{});
  }
  SUBCASE("a damaged run") {
    std::fstream run(folder.path() / "work" / "run-0", std::ios::in | std::ios::out);
    run.seekp(20).put('x');
    run.close();
    CHECK(opened(folder, log_of)->position() == Sequence{});
  }
  SUBCASE("a run that was cut") {
    std::filesystem::resize_file(folder.path() / "work" / "run-0", 0);
    CHECK(opened(folder, log_of)->position() == Sequence{});
  }
  SUBCASE("no progress at all") {
    std::ofstream(folder.path() / "work" / "progress") << "muster-rebuild-1\n";
    CHECK(opened(folder, log_of)->position() == Sequence{});
  }
}

TEST_CASE("row build: a fold that cannot go on is an error, not the end of the process") {
  const TemporaryFolder folder;
  const History history = long_history(1, 60);
  const LogOf log_of(history.events());
  const auto build = opened(folder, log_of);
  ScriptedView view([](ViewBatch& batch, const Recorded&) { batch.end_damaged("no sense"); });
  const auto folded = build->fold(view, history.events());
  REQUIRE_FALSE(folded.has_value());
  CHECK(folded.error().code == ErrorCode::corrupt);
}
