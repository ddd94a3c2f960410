#include "tools/bench/support/filling.h"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

namespace muster::bench {
namespace {

constexpr std::chrono::milliseconds try_again_after{5};

}  // namespace

Result<std::unique_ptr<Filling>> Filling::open(const std::filesystem::path& data) {
  auto folder = DataFolder::open(data);
  if (!folder) return tl::unexpected(std::move(folder).error());
  std::unique_ptr<Filling> filling(new Filling(*std::move(folder)));
  const auto not_started = []() -> Result<Command> {
    return fail(ErrorCode::failed, "no server was started in this folder yet");
  };
  auto store = StateStore::open({.log = filling->folder_.log(),
                                 .views = filling->folder_.views(),
                                 .subject_keys = filling->folder_.subject_keys(),
                                 .first = not_started,
                                 .engine = {}},
                                filling->clock_);
  if (!store) return tl::unexpected(std::move(store).error());
  filling->store_ = *std::move(store);
  filling->store_->follow();
  return filling;
}

Result<void> Filling::send(const CommandBody& body, const Actor& actor) {
  while (true) {  // The engine takes no more while the views are far behind.
    auto sent = in_flight_.submit(
        store_->engine(), Command{.actor = actor, .id = random_ulid(clock_.now()), .body = body});
    if (sent || sent.error().code != ErrorCode::unavailable) return sent;
    std::this_thread::sleep_for(try_again_after);
  }
}

Result<void> Filling::finish() {
  if (auto done = in_flight_.finish(); !done) return done;
  std::promise<void> folded;
  store_->runner().when(head(), [&folded] { folded.set_value(); });
  folded.get_future().wait();
  return {};
}

}  // namespace muster::bench
