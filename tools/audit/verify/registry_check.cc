#include "tools/audit/verify/registry_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "projections/row_codec.h"

namespace muster::audit {
namespace {

/// The stored and the replayed rows of one log.
class Comparison {
 public:
  Comparison(const State& stored, const State& replayed, Findings& findings)
      : stored_(stored), replayed_(replayed), findings_(findings) {}

  /// Rows whose ids are dense; `next`: the first id that is not given yet.
  template <typename Id>
  void dense(std::string_view kind, Id (State::*next)() const) {
    const std::uint32_t end = std::max((stored_.*next)().value(), (replayed_.*next)().value());
    for (std::uint32_t id = 1; id < end; ++id) {
      compare(kind, id, stored_.find(Id{id}), replayed_.find(Id{id}));
    }
  }

  /// Rows that only some have; an empty one is as good as none.
  template <typename Id, typename Row>
  void sparse(std::string_view kind, const std::unordered_map<Id, Row>& stored,
              const std::unordered_map<Id, Row>& replayed) {
    const auto row_in = [](const auto& rows, Id id) {
      const auto found = rows.find(id);
      Row none{};
      none.id = id;
      return encode_row(found == rows.end() ? none : found->second);
    };
    for (const auto& [id, row] : replayed) {
      if (row_in(stored, id) != row_in(replayed, id)) add(kind, id.value(), "is another one");
    }
    for (const auto& [id, row] : stored) {
      if (!replayed.contains(id) && row_in(stored, id) != row_in(replayed, id)) {
        add(kind, id.value(), "follows from no event");
      }
    }
  }

 private:
  template <typename Row>
  void compare(std::string_view kind, std::uint32_t id, const Row* stored, const Row* replayed) {
    if (stored == nullptr) return add(kind, id, "is missing");
    if (replayed == nullptr) return add(kind, id, "follows from no event");
    if (encode_row(*stored) != encode_row(*replayed)) add(kind, id, "is another one");
  }

  void add(std::string_view kind, std::uint64_t id, std::string_view what) {
    findings_.add({"projection", 0, fmt::format("the stored row of {} {} {}", kind, id, what)});
  }

  const State& stored_;
  const State& replayed_;
  Findings& findings_;
};

}  // namespace

void compare_rows(const State& stored, const State& replayed, Findings& findings) {
  Comparison rows(stored, replayed, findings);
  rows.dense("device type", &State::next_device_type);
  rows.dense("organisation", &State::next_organisation);
  rows.dense("user", &State::next_user);
  rows.dense("token", &State::next_token);
  rows.dense("fleet", &State::next_fleet);
  rows.dense("release", &State::next_release);
  rows.dense("device", &State::next_device);
  rows.dense("provisioning key", &State::next_provisioning_key);
  rows.dense("saved view", &State::next_saved_view);
  rows.sparse("the queue of device", stored.open_actions().queues(),
              replayed.open_actions().queues());
  rows.sparse("the actions of fleet", stored.open_actions().fleets(),
              replayed.open_actions().fleets());
}

}  // namespace muster::audit
