#include "tools/store/state_store.h"

#include <fmt/format.h>

#include <future>
#include <utility>

#include "core/base/log.h"
#include "core/base/ulid.h"
#include "projections/eras/era_view.h"
#include "projections/load_state.h"
#include "projections/standard_projections.h"
#include "tools/store/first_events.h"

namespace muster {

Result<std::unique_ptr<StateStore>> StateStore::open(const StoreOptions& options, Clock& clock) {
  auto keys = FileSubjectKeys::open(options.subject_keys);
  if (!keys) return tl::unexpected(std::move(keys).error());
  std::unique_ptr<StateStore> store(new StateStore(std::move(*keys)));
  const auto opened = store->open_log(options, clock)
                          .and_then([&] { return store->open_views(options); })
                          .and_then([&] { return store->start_writer(options, clock); })
                          .and_then([&] { return store->erase_again(); });
  if (!opened) return tl::unexpected(opened.error());
  return store;
}

Result<void> StateStore::open_log(const StoreOptions& options, Clock& clock) {
  auto opened = RocksEventLog::open(options.log);
  if (!opened) return tl::unexpected(std::move(opened).error());
  log_ = std::move(*opened);
  is_new_ = log_->head() == Sequence{};
  if (is_new_) {
    const auto first = options.first();
    if (!first) return tl::unexpected(first.error());
    const auto done = append_first_events(*log_, codec_, *first, clock.now());
    if (!done) return done;
  }
  const auto identity = read_identity(*log_, codec_);
  if (!identity) return tl::unexpected(identity.error());
  identity_ = *identity;
  return {};
}

Result<void> StateStore::open_views(const StoreOptions& options) {
  auto opened = ViewStore::open(options.views, identity_.log);
  if (!opened) return tl::unexpected(std::move(opened).error());
  views_ = std::move(*opened);
  remembered_ = std::make_unique<StoredIdempotency>(*views_);
  runner_ = std::make_unique<Runner>(*log_, codec_, *views_, standard_projections());
  const auto caught_up = runner_->catch_up();
  if (!caught_up) return caught_up;
  identity_.eras = load_eras(*views_);
  identity_.epoch = identity_.epoch_of(log_->head());
  return {};
}

Result<void> StateStore::start_writer(const StoreOptions& options, Clock& clock) {
  auto loaded = load_state(*views_);
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  erasures_ = std::make_unique<Erasures>(*keys_, *views_, options.erasures, identity_.log);
  auto back = erasures_->settle(loaded->state);
  if (!back) return tl::unexpected(std::move(back).error());
  to_erase_ = *std::move(back);
  runner_->listen(*erasures_);
  engine_ = std::make_unique<Engine>(
      options.engine,
      Engine::Parts{.log = *log_, .codec = codec_, .remembered = *remembered_, .clock = clock},
      std::move(loaded->state), loaded->last_event);
  return {};
}

/// Has the events of those who are in the ledger, but in this log not erased, stored again.
Result<void> StateStore::erase_again() {
  for (const UserId user : to_erase_) {
    Command command{.id = random_ulid(SystemClock().now()),
                    .reason = "erased before the log was restored",
                    .body = EraseUser{.username = {}, .id = user}};
    std::promise<bool> done;
    const auto queued = engine_->submit(
        std::move(command), [&](const auto& outcome) { done.set_value(outcome.has_value()); });
    if (!queued) return queued;
    if (!done.get_future().get()) {
      return fail(ErrorCode::failed,
                  fmt::format("user {} was erased before the log was restored, and cannot be "
                              "erased again",
                              user.value()));
    }
    views_->mark_damaged();
    log_warn("a user who was erased is erased again: user={}", user.value());
  }
  return {};
}

RebuildParts StateStore::rebuild_parts() noexcept {
  return {.log = *log_,
          .codec = codec_,
          .store = *views_,
          .runner = runner_.get(),
          .identity = identity_.log,
          .make = standard_projection};
}

void StateStore::follow() { runner_->follow(engine_->tail()); }

void StateStore::stop() {
  engine_->stop();
  runner_->stop();
}

StateStore::~StateStore() {
  if (engine_ != nullptr) stop();
}

}  // namespace muster
