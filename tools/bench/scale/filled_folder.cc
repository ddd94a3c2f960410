#include "tools/bench/scale/filled_folder.h"

#include <fmt/format.h>

#include "core/base/uuid.h"
#include "tools/bench/support/filling.h"

namespace muster::bench {
namespace {

constexpr std::size_t said_every = 10'000;
constexpr std::size_t commit_length = 40;

Result<void> make_fleet(Filling& filling) {
  auto sent = filling.send(CreateOrganisation{.handle = "bench", .name = {}});
  if (sent) {
    sent = filling.send(
        CreateFleet{.slug = filled_fleet, .device_type = "raspberrypi4-64", .uuid = random_uuid()});
  }
  for (std::size_t release = 0; sent && release < 2; ++release) {
    CreateRelease create{.fleet = filled_fleet, .commit = filled_commit(release)};
    create.status = ReleaseStatus::success;
    sent = filling.send(create);
  }
  return sent;
}

Result<void> add_device(Filling& filling, const Uuid& uuid) {
  auto registered =
      filling.send(RegisterDevice{.fleet = filled_fleet, .uuid = uuid, .device_type = {}});
  if (!registered) return registered;
  return filling.send(
      ReportDevice{.device = uuid,
                   .running_commit = filled_commit(1),
                   .software = ReportDevice::Software{.os_version = "12.8.0",
                                                      .os_variant = OsVariant::production,
                                                      .agent_version = "1.4.2"},
                   .boot = to_string(random_uuid())},
      Filling::muster_itself);
}

}  // namespace

std::string filled_commit(std::size_t release) {
  return std::string(commit_length, release == 0 ? 'a' : 'b');
}

Result<std::vector<std::string>> fill_folder(const std::filesystem::path& data, std::size_t devices,
                                             std::size_t told_max, const Progress& progress) {
  const auto filling = Filling::open(data);
  if (!filling) return tl::unexpected(filling.error());
  if (auto made = make_fleet(**filling); !made) return tl::unexpected(made.error());
  std::vector<std::string> told;
  for (std::size_t i = 0; i < devices; ++i) {
    if (i % said_every == 0) {
      progress.say(fmt::format("registering device {} of {}", i + 1, devices));
      if (auto on = progress.go_on(); !on) return tl::unexpected(on.error());
    }
    const Uuid uuid = random_uuid();
    if (told.size() < told_max) told.push_back(to_string(uuid));
    if (auto added = add_device(**filling, uuid); !added) return tl::unexpected(added.error());
  }
  if (auto done = (*filling)->finish(); !done) return tl::unexpected(done.error());
  return told;
}

}  // namespace muster::bench
