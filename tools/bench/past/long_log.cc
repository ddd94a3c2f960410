#include "tools/bench/past/long_log.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "core/base/uuid.h"
#include "tools/bench/support/filling.h"

namespace muster::bench {
namespace {

constexpr std::size_t said_every = 200'000;

/// One fleet, and what happens to its devices.
class LongLog {
 public:
  explicit LongLog(Filling& filling) : filling_(filling) {}

  Result<void> fleet(std::size_t devices) {
    auto done = filling_.send(CreateOrganisation{.handle = "bench", .name = {}});
    if (done) done = filling_.add_fleet(past_fleet);
    for (std::size_t i = 0; i < devices && done; ++i) {
      devices_.push_back(random_uuid());
      done = filling_.send(RegisterDevice{
          .fleet = past_fleet, .uuid = devices_.back(), .device_type = {}, .name = {}});
    }
    return done;
  }

  /// Every device's turn: one event of each.
  Result<void> round(std::size_t number) {
    const std::string release = Filling::commit_of(1 + number / 3 % 2);
    auto done = filling_.send(PinFleet{.fleet = past_fleet, .release = release});
    for (std::size_t i = 0; i < devices_.size() && done; ++i) {
      const std::string uuid = to_string(devices_[i]);
      switch ((i + number) % 3) {
        case 0:
          done = filling_.send(PinDevices{.devices = {uuid}, .release = release});
          break;
        case 1:
          done = filling_.send(TrackFleet{.devices = {uuid}});
          break;
        default:
          done = report(devices_[i], number);
      }
    }
    return done;
  }

 private:
  Result<void> report(const Uuid& device, std::size_t number) {
    return filling_.send(ReportDevice{.device = device,
                                      .running_commit = {},
                                      .software = {},
                                      .boot = fmt::format("b{}", number)},
                         Filling::muster_itself);
  }

  Filling& filling_;
  std::vector<Uuid> devices_;
};

}  // namespace

Result<void> fill_long_log(const std::filesystem::path& data, std::size_t devices,
                           std::size_t events, const Progress& progress) {
  const auto filling = Filling::open(data);
  if (!filling) return tl::unexpected(filling.error());
  LongLog log(**filling);
  auto done = log.fleet(devices);
  std::size_t said = 0;
  for (std::size_t number = 0; done && (*filling)->head().value() < events; ++number) {
    const auto head = (*filling)->head().value();
    if (head >= said) {
      progress.say(fmt::format("making events: {} of {}", head, events));
      said = head + said_every;
    }
    done = progress.go_on();
    if (done) done = log.round(number);
  }
  auto finished = (*filling)->finish();
  return done ? finished : done;
}

}  // namespace muster::bench
