#include "tools/bench/support/filling.h"

#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "core/base/uuid.h"
#include "tools/bench/support/folding.h"

namespace muster::bench {
namespace {

constexpr std::chrono::milliseconds try_again_after{5};
constexpr std::size_t commit_length = 40;
constexpr std::size_t releases = 2;

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

Result<void> Filling::add_fleet(const std::string& slug) {
  auto done = send(CreateFleet{.slug = slug,
                               .device_type = "raspberrypi4-64",
                               .type = FleetType::microservices,
                               .uuid = random_uuid()});
  for (std::size_t release = 1; release <= releases && done; ++release) {
    done = send(CreateRelease{.fleet = slug,
                              .commit = commit_of(release),
                              .semver = fmt::format("{}.0.0", release),
                              .status = ReleaseStatus::success,
                              .draft = false,
                              .note = {},
                              .manifest = {}});
  }
  return done;
}

std::string Filling::commit_of(std::size_t release) {
  std::string commit = fmt::format("{:07x}", release);
  commit.resize(commit_length, '0');
  return commit;
}

Result<void> Filling::finish() {
  if (auto done = in_flight_.finish(); !done) return done;
  await_folded(*store_);
  return {};
}

}  // namespace muster::bench
