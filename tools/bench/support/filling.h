#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/domain/ids.h"
#include "tools/bench/support/in_flight.h"
#include "tools/store/data_folder.h"
#include "tools/store/state_store.h"

namespace muster::bench {

/// Fills the data folder of a server that has been started once and does not run: commands go
/// through the writer, as if they had come one by one, as fast as the views follow. One thread.
class Filling {
 public:
  /// Errors: as of the folder and the store.
  [[nodiscard]] static Result<std::unique_ptr<Filling>> open(const std::filesystem::path& data);

  static constexpr Actor administrator{UserId{1}, TokenId{1}};
  static constexpr Actor muster_itself{};

  /// Returns once it is submitted. Errors: failed with the refusal of an earlier one.
  [[nodiscard]] Result<void> send(const CommandBody& body, const Actor& actor = administrator);

  /// Makes a fleet with the releases 1.0.0 and 2.0.0, in an organisation that there is.
  /// Errors: as of `send`.
  [[nodiscard]] Result<void> add_fleet(const std::string& slug);

  /// The commit of the release N.0.0 of such a fleet: the same in each, as of one build for all.
  [[nodiscard]] static std::string commit_of(std::size_t release);

  /// Waits until all is answered and folded. Errors: failed with the first refusal.
  [[nodiscard]] Result<void> finish();

  [[nodiscard]] Sequence head() { return store_->log().head(); }

 private:
  explicit Filling(DataFolder folder) : folder_(std::move(folder)) {}

  DataFolder folder_;
  SystemClock clock_;
  InFlight in_flight_{4'000};
  std::unique_ptr<StateStore> store_;
};

}  // namespace muster::bench
