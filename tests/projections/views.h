#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "projections/runner.h"
#include "projections/standard_projections.h"
#include "tests/projections/log_of.h"
#include "tests/support/temporary_folder.h"

namespace muster::test {

/// An opened store with a runner over it.
struct Views {
  Views(const TemporaryFolder& folder, LogOf& log_of,
        std::vector<std::unique_ptr<Projection>> projections = standard_projections())
      : store(ViewStore::open(folder.path(), Uuid{}).value()),
        runner(log_of.log, log_of.codec, *store, std::move(projections)) {}

  std::unique_ptr<ViewStore> store;
  Runner runner;
};

}  // namespace muster::test
