#include "tools/store/state_store.h"

#include <utility>

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
                          .and_then([&] { return store->start_writer(options, clock); });
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
  return runner_->catch_up();
}

Result<void> StateStore::start_writer(const StoreOptions& options, Clock& clock) {
  auto loaded = load_state(*views_);
  if (!loaded) return tl::unexpected(std::move(loaded).error());
  engine_ = std::make_unique<Engine>(
      options.engine,
      Engine::Parts{.log = *log_, .codec = codec_, .remembered = *remembered_, .clock = clock},
      std::move(loaded->state), loaded->last_event);
  return {};
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
