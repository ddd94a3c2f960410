#include "projections/store/sorted_files.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

using namespace muster;        // NOLINT(google-build-using-namespace)
using namespace muster::test;  // NOLINT(google-build-using-namespace)

TEST_CASE("sorted files: as many as the rows need, none without rows") {
  const TemporaryFolder folder;
  SortedFiles none(folder.path());
  CHECK(none.finish().value().empty());

  SortedFiles files(folder.path());
  const std::string value(1U << 20U, 'v');
  for (int row = 0; row < 70; ++row) REQUIRE(files.add(fmt::format("{:03}", row), value));
  const auto written = files.finish().value();
  CHECK(written.size() == 3);
  for (const auto& file : written) CHECK(std::filesystem::is_regular_file(file));
}

TEST_CASE("sorted files: what cannot be written is said at once, not only at the end") {
  const TemporaryFolder folder;
  SortedFiles files(folder.path() / "missing");
  const std::string value(1U << 20U, 'v');
  Result<void> added;
  for (int row = 0; row < 100 && added; ++row) added = files.add(fmt::format("{:03}", row), value);
  REQUIRE_FALSE(added);
  CHECK(added.error().message.find("missing/000000.sst") != std::string::npos);
  CHECK_FALSE(files.finish());
}

TEST_CASE("sorted files: given up, they leave no thread behind") {
  const TemporaryFolder folder;
  SortedFiles files(folder.path());
  CHECK(files.add("key", "value"));
}
