#include "tools/bench/past/long_log.h"

#include <fmt/format.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "core/base/uuid.h"
#include "tools/bench/support/in_flight.h"
#include "tools/store/state_store.h"

namespace muster::bench {
namespace {

constexpr std::size_t commit_length = 40;
constexpr std::size_t said_every = 200'000;
constexpr std::size_t in_flight_max = 4'000;
constexpr std::chrono::milliseconds try_again_after{5};

std::string commit_of(std::size_t release) {
  std::string commit = fmt::format("{:07x}", release);
  commit.resize(commit_length, '0');
  return commit;
}

class Filling {
 public:
  Filling(StateStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  Result<void> fleet(std::size_t devices) {
    auto done = send(CreateOrganisation{.handle = "bench", .name = {}});
    if (done) {
      done = send(CreateFleet{.slug = past_fleet,
                              .device_type = "raspberrypi4-64",
                              .type = FleetType::microservices,
                              .uuid = random_uuid()});
    }
    for (std::size_t release = 1; release <= 2 && done; ++release) {
      done = send(CreateRelease{.fleet = past_fleet,
                                .commit = commit_of(release),
                                .semver = fmt::format("{}.0.0", release),
                                .status = ReleaseStatus::success,
                                .draft = false,
                                .note = {},
                                .manifest = {}});
    }
    for (std::size_t i = 0; i < devices && done; ++i) {
      devices_.push_back(random_uuid());
      done = send(RegisterDevice{
          .fleet = past_fleet, .uuid = devices_.back(), .device_type = {}, .name = {}});
    }
    return done;
  }

  /// Every device's turn: one event of each.
  Result<void> round(std::size_t number) {
    const std::string release = commit_of(1 + number / 3 % 2);
    auto done = send(PinFleet{.fleet = past_fleet, .release = release});
    for (std::size_t i = 0; i < devices_.size() && done; ++i) {
      const std::string uuid = to_string(devices_[i]);
      switch ((i + number) % 3) {
        case 0:
          done = send(PinDevices{.devices = {uuid}, .release = release});
          break;
        case 1:
          done = send(TrackFleet{.devices = {uuid}});
          break;
        default:
          done = report(devices_[i], number);
      }
    }
    return done;
  }

  Result<void> finish() {
    if (auto done = in_flight_.finish(); !done) return done;
    std::promise<void> folded;
    store_.runner().when(store_.log().head(), [&folded] { folded.set_value(); });
    folded.get_future().wait();
    return {};
  }

 private:
  Result<void> report(const Uuid& device, std::size_t number) {
    return send(ReportDevice{.device = device,
                             .running_commit = {},
                             .software = {},
                             .boot = fmt::format("b{}", number)},
                Actor{});
  }

  Result<void> send(const CommandBody& body, const Actor& actor = {UserId{1}, TokenId{1}}) {
    while (true) {  // The engine takes no more while the views are far behind.
      auto sent = in_flight_.submit(
          store_.engine(), Command{.actor = actor, .id = random_ulid(clock_.now()), .body = body});
      if (sent || sent.error().code != ErrorCode::unavailable) return sent;
      std::this_thread::sleep_for(try_again_after);
    }
  }

  StateStore& store_;
  const Clock& clock_;
  std::vector<Uuid> devices_;
  InFlight in_flight_{in_flight_max};
};

}  // namespace

Result<void> fill_long_log(const std::filesystem::path& data, std::size_t devices,
                           std::size_t events, const Progress& progress) {
  SystemClock clock;
  const auto store = StateStore::open({.log = data / "log",
                                       .views = data / "views",
                                       .subject_keys = data / "keys" / "subjects",
                                       .first = {},
                                       .engine = {}},
                                      clock);
  if (!store) return tl::unexpected(store.error());
  (*store)->follow();
  Filling filling(**store, clock);
  auto done = filling.fleet(devices);
  std::size_t said = 0;
  for (std::size_t number = 0; done && (*store)->log().head().value() < events; ++number) {
    const auto head = (*store)->log().head().value();
    if (head >= said) {
      progress.say(fmt::format("making events: {} of {}", head, events));
      said = head + said_every;
    }
    done = progress.go_on();
    if (done) done = filling.round(number);
  }
  auto finished = filling.finish();
  (*store)->stop();
  return done ? finished : done;
}

}  // namespace muster::bench
