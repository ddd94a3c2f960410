#include "tools/store/erasures.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "core/base/log.h"
#include "projections/reader.h"

namespace muster {

Result<void> Erasures::erase(const std::vector<Erasure>& erasures) const {
  if (erasures.empty()) return {};
  std::vector<UserId> users;
  users.reserve(erasures.size());
  for (const Erasure& erasure : erasures) users.push_back(erasure.user);
  for (const auto& ledger : ledgers_) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(ledger.parent_path(), ignored)) continue;
    if (auto noted = add_erasures(ledger, erasures); !noted) return noted;
  }
  return keys_.destroy(users);
}

Result<std::vector<UserId>> Erasures::settle(const State& state) const {
  std::vector<Erasure> known;
  if (!ledgers_.empty()) {
    auto loaded = load_erasures(ledgers_.front());
    if (!loaded) return tl::unexpected(std::move(loaded).error());
    known = *std::move(loaded);
  }
  std::vector<Erasure> all;
  std::vector<UserId> back;
  for (UserId id{1}; const User* user = state.find(id); id = next(id)) {
    Erasure one{.log = log_, .user = id, .created_at = user->created_at, .erased_at = {}};
    const auto noted =
        std::ranges::find_if(known, [&](const Erasure& other) { return other.is_of_same(one); });
    if (!user->erased && noted == known.end()) continue;
    if (!user->erased) back.push_back(id);
    one.erased_at = noted == known.end() ? user->created_at : noted->erased_at;
    all.push_back(one);
  }
  if (auto erased = erase(all); !erased) return tl::unexpected(std::move(erased).error());
  return back;
}

void Erasures::on_folded(std::span<const Recorded> events) {
  std::vector<Erasure> erasures;
  for (const Recorded& recorded : events) {
    const auto* erased = std::get_if<UserErased>(&recorded.event);
    if (erased == nullptr) continue;
    const auto user = Reader(views_).find(erased->id);
    if (!user) continue;
    erasures.push_back({.log = log_,
                        .user = erased->id,
                        .created_at = user->created_at,
                        .erased_at = recorded.meta.at});
  }
  if (erasures.empty()) return;
  if (const auto done = erase(erasures); !done) {
    log_error("key not destroyed: cause=\"{}\"; the process ends, the next start does it",
              done.error().message);
    std::abort();
  }
  views_.mark_damaged();
  log_info("users erased: count={}; the next start makes the views anew", erasures.size());
}

}  // namespace muster
