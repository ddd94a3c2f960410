#include "tools/bench/scale/filled_folder.h"

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

#include "core/base/uuid.h"
#include "tools/bench/support/in_flight.h"
#include "tools/server/data_folder.h"
#include "tools/store/state_store.h"

namespace muster::bench {
namespace {

constexpr std::size_t in_flight_max = 4'000;
constexpr std::size_t said_every = 10'000;
constexpr std::chrono::milliseconds try_again_after{20};
constexpr std::size_t commit_length = 40;

const Actor administrator{UserId{1}, TokenId{1}};
const Actor muster_itself{};

/// Puts commands through the engine of a store as fast as its views follow.
class Filling {
 public:
  Filling(StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  Result<void> submit(const Actor& actor, const CommandBody& body) {
    for (;;) {
      auto sent = in_flight_.submit(
          store_.engine(), Command{.actor = actor, .id = random_ulid(clock_.now()), .body = body});
      if (sent || sent.error().code != ErrorCode::unavailable) return sent;
      std::this_thread::sleep_for(try_again_after);
    }
  }

  Result<void> finish() { return in_flight_.finish(); }

 private:
  StateStore& store_;
  const Clock& clock_;
  InFlight in_flight_{in_flight_max};
};

Result<void> make_fleet(Filling& filling) {
  auto sent = filling.submit(administrator, CreateOrganisation{.handle = "bench", .name = {}});
  if (sent) {
    sent = filling.submit(
        administrator,
        CreateFleet{.slug = filled_fleet, .device_type = "raspberrypi4-64", .uuid = random_uuid()});
  }
  for (std::size_t release = 0; sent && release < 2; ++release) {
    CreateRelease create{.fleet = filled_fleet, .commit = filled_commit(release)};
    create.status = ReleaseStatus::success;
    sent = filling.submit(administrator, create);
  }
  return sent;
}

Result<void> add_device(Filling& filling, const Uuid& uuid) {
  const auto registered = filling.submit(
      administrator, RegisterDevice{.fleet = filled_fleet, .uuid = uuid, .device_type = {}});
  if (!registered) return registered;
  return filling.submit(
      muster_itself,
      ReportDevice{.device = uuid,
                   .running_commit = filled_commit(1),
                   .software = ReportDevice::Software{.os_version = "12.8.0",
                                                      .os_variant = OsVariant::production,
                                                      .agent_version = "1.4.2"},
                   .boot = to_string(random_uuid())});
}

}  // namespace

std::string filled_commit(std::size_t release) {
  return std::string(commit_length, release == 0 ? 'a' : 'b');
}

Result<std::vector<std::string>> fill_folder(const std::filesystem::path& data, std::size_t devices,
                                             std::size_t told_max, const Progress& progress) {
  const auto folder = DataFolder::open(data);
  if (!folder) return tl::unexpected(folder.error());
  SystemClock clock;
  const auto store = StateStore::open({.log = folder->log(),
                                       .views = folder->views(),
                                       .subject_keys = folder->subject_keys(),
                                       .first = []() -> Result<Command> {
                                         return fail(ErrorCode::failed,
                                                     "no server was started in this folder yet");
                                       },
                                       .engine = {}},
                                      clock);
  if (!store) return tl::unexpected(store.error());
  (*store)->follow();
  Filling filling(**store, clock);
  if (auto made = make_fleet(filling); !made) return tl::unexpected(made.error());
  std::vector<std::string> told;
  for (std::size_t i = 0; i < devices; ++i) {
    if (i % said_every == 0) {
      progress.say(fmt::format("registering device {} of {}", i + 1, devices));
      if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    }
    const Uuid uuid = random_uuid();
    if (told.size() < told_max) told.push_back(to_string(uuid));
    if (auto added = add_device(filling, uuid); !added) return tl::unexpected(added.error());
  }
  if (auto done = filling.finish(); !done) return tl::unexpected(done.error());
  return told;
}

}  // namespace muster::bench
