#include "tools/bench/lists/varied_folder.h"

#include <fmt/format.h>

#include <string>

#include "core/base/uuid.h"
#include "tools/bench/support/filling.h"

namespace muster::bench {
namespace {

constexpr std::size_t said_every = 50'000;
constexpr std::size_t sites = 1'000;

const char* fleet_of(std::size_t device) {
  const std::size_t place = device % 20;
  if (place < 16) return varied_fleet_large;
  return place < 19 ? varied_fleet_medium : varied_fleet_small;
}

/// Sends the commands that make up the fleets.
class VariedFleets {
 public:
  explicit VariedFleets(Filling& filling) : filling_(filling) {}

  Result<void> fleets() {
    auto done = filling_.send(CreateOrganisation{.handle = varied_organisation, .name = {}});
    for (const char* fleet : {varied_fleet_large, varied_fleet_medium, varied_fleet_small}) {
      if (done) done = filling_.add_fleet(fleet);
    }
    return done;
  }

  Result<void> device(std::size_t number) {
    const Uuid uuid = random_uuid();
    const std::string text = to_string(uuid);
    auto done = filling_.send(RegisterDevice{.fleet = fleet_of(number),
                                             .uuid = uuid,
                                             .device_type = {},
                                             .name = fmt::format("dev-{}", text.substr(0, 10))});
    if (done && number % 5 == 0) {
      done = filling_.send(TagDevice{.device = text,
                                     .set = {{"rack", fmt::format("{}", number % 40)},
                                             {"site", fmt::format("site-{}", number / 5 % sites)}},
                                     .remove = {}});
    }
    if (done && number % 2 == 0) done = report(uuid, number);
    if (done && number % 50 == 7) {
      done = filling_.send(PinDevices{.devices = {text}, .release = Filling::commit_of(1)});
    }
    return done;
  }

 private:
  Result<void> report(const Uuid& uuid, std::size_t number) {
    ReportDevice body{.device = uuid,
                      .running_commit = Filling::commit_of(number % 20 == 0 ? 1 : 2),
                      .software = {},
                      .boot = {}};
    body.software = {.os_version = fmt::format("2.{}.0", number / 2 % 50),
                     .os_variant = OsVariant::production,
                     .agent_version = fmt::format("1.{}.0", number / 2 % 7)};
    return filling_.send(body, Filling::muster_itself);
  }

  Filling& filling_;
};

}  // namespace

Result<void> fill_varied_folder(const std::filesystem::path& data, std::size_t devices,
                                const Progress& progress) {
  const auto filling = Filling::open(data);
  if (!filling) return tl::unexpected(filling.error());
  VariedFleets varied(**filling);
  auto done = varied.fleets();
  for (std::size_t number = 0; number < devices && done; ++number) {
    if (number % said_every == 0) {
      progress.say(fmt::format("making devices: {} of {}", number, devices));
      done = progress.go_on();
    }
    if (done) done = varied.device(number);
  }
  auto finished = (*filling)->finish();
  return done ? finished : done;
}

}  // namespace muster::bench
