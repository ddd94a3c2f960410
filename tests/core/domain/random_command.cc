#include "tests/core/domain/random_command.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace muster::test {
namespace {

constexpr std::array<std::string_view, 3> fleet_names{"acme/first", "acme/second", "acme/third"};
constexpr std::array<std::string_view, 2> semvers{"1.0.0", "2.0.0"};
constexpr std::array<std::string_view, 3> manifests{"", "{}", "{\"services\":1}"};

/// Reads the numbers of a draw, one after the other.
class Dice {
 public:
  explicit Dice(const Draw& draw) : draw_(draw) {}

  /// From 0 to `count` - 1.
  std::uint32_t pick(std::uint32_t count) {
    const std::uint32_t face = draw_.dice[next_ % draw_.dice.size()];
    ++next_;
    return face % count;
  }
  template <std::size_t Size>
  std::string pick(const std::array<std::string_view, Size>& texts) {
    return std::string(texts[pick(static_cast<std::uint32_t>(Size))]);
  }
  bool coin() { return pick(2) == 1; }

 private:
  const Draw& draw_;
  std::size_t next_ = 0;
};

/// Mostly one that exists, and mostly by its id.
std::string release_name(const World& world, Dice& dice) {
  const auto count = static_cast<std::uint32_t>(world.state().releases().size());
  const std::uint32_t number = dice.pick(count + 4);
  if (number < count) return fmt::format("id:{}", number + 1);
  if (number == count) return "1.0.0";
  if (number == count + 1) return "2.0.0+rev1";
  if (number == count + 2) return "aaaaaaa";
  return commit("7aaaaaaa");
}

/// `id:N` needs no fleet; the other names get one.
ReleaseName any_release(const World& world, Dice& dice) {
  std::string name = release_name(world, dice);
  if (name.starts_with("id:")) return {"", std::move(name)};
  return {dice.pick(fleet_names), std::move(name)};
}

/// Mostly what a fleet targets: withdrawing that is what matters.
ReleaseName target_or_other(const World& world, Dice& dice) {
  const auto& fleets = world.state().fleets();
  const Fleet& fleet = fleets[dice.pick(static_cast<std::uint32_t>(fleets.size()))];
  if (!fleet.target || dice.pick(3) == 0) return any_release(world, dice);
  return {fleet.slug, fmt::format("id:{}", fleet.target->value())};
}

std::string device(Dice& dice) { return uuid_text(1 + dice.pick(7)); }

std::vector<std::string> some_devices(Dice& dice) {
  std::vector<std::string> uuids{device(dice)};
  if (dice.coin()) uuids.push_back(device(dice));
  return uuids;
}

/// A device of the state, and a release of its own fleet where there is one.
PinDevices likely_pin(const World& world, Dice& dice) {
  const auto& devices = world.state().devices();
  if (devices.empty()) return {some_devices(dice), "id:1"};
  const Device& chosen = devices[dice.pick(static_cast<std::uint32_t>(devices.size()))];
  const auto& releases = world.state().releases_of(chosen.fleet);
  if (releases.empty()) return {{to_string(chosen.uuid)}, "id:1"};
  const ReleaseId release = releases[dice.pick(static_cast<std::uint32_t>(releases.size()))];
  return {{to_string(chosen.uuid), device(dice)}, fmt::format("id:{}", release.value())};
}

/// Devices of the state, so that some of them have a pin.
TrackFleet likely_track(const World& world, Dice& dice) {
  const auto& devices = world.state().devices();
  if (devices.empty()) return {some_devices(dice)};
  const Device& chosen = devices[dice.pick(static_cast<std::uint32_t>(devices.size()))];
  return {{to_string(chosen.uuid), to_string(devices.back().uuid)}};
}

PinFleet likely_fleet_pin(const World& world, Dice& dice) {
  const auto& fleets = world.state().fleets();
  const Fleet& fleet = fleets[dice.pick(static_cast<std::uint32_t>(fleets.size()))];
  const auto& releases = world.state().releases_of(fleet.id);
  if (releases.empty()) return {fleet.slug, "id:1"};
  const ReleaseId release = releases[dice.pick(static_cast<std::uint32_t>(releases.size()))];
  return {fleet.slug, fmt::format("id:{}", release.value())};
}

CreateRelease new_release(Dice& dice) {
  const std::string fleet = dice.pick(fleet_names);
  const std::string digits = fmt::format("{:x}aaaaaaa", dice.pick(60));
  const std::uint32_t kind = dice.pick(6);
  return {.fleet = fleet,
          .commit = commit(digits),
          .semver = dice.pick(semvers),
          .status = kind % 3 == 0 ? ReleaseStatus::running : ReleaseStatus::success,
          .draft = kind >= 4,
          .note = {},
          .manifest = dice.pick(manifests)};
}

FinishRelease finish(const World& world, Dice& dice) {
  auto name = any_release(world, dice);
  const bool success = dice.pick(4) != 0;
  return {std::move(name), success ? ReleaseStatus::success : ReleaseStatus::failed,
          dice.pick(manifests)};
}

ReportDevice report(Dice& dice) {
  ReportDevice said{.device = *parse_uuid(device(dice))};
  if (dice.coin()) said.running_commit = dice.coin() ? commit("bbbbbbbb") : std::string();
  if (dice.coin()) said.boot = fmt::format("boot-{}", dice.pick(3));
  return said;
}

/// Mostly who may do it all; sometimes somebody with less.
Actor somebody(const World& world, Dice& dice) {
  const std::uint32_t number = dice.pick(10);
  if (number < 3) return Actor{UserId{3 + number}, TokenId{3 + number}};
  return world.owner;
}

CommandBody body_of(const World& world, const Draw& draw, Dice& dice) {
  switch (draw.what % 18) {
    case 0:
    case 1:
      return new_release(dice);
    case 2:
      return finish(world, dice);
    case 3:
      return FinalizeRelease{any_release(world, dice)};
    case 4:
      return InvalidateRelease{target_or_other(world, dice)};
    case 5:
      return ValidateRelease{any_release(world, dice)};
    case 6:
      return DeleteRelease{any_release(world, dice)};
    case 7:
      return likely_fleet_pin(world, dice);
    case 8:
      return TrackLatest{dice.pick(fleet_names)};
    case 9:
      return RegisterDevice{dice.pick(fleet_names), *parse_uuid(device(dice)), {}, {}};
    case 10:
      return likely_pin(world, dice);
    case 11:
      return PinDevices{some_devices(dice), release_name(world, dice)};
    case 12:
      return likely_track(world, dice);
    case 13:
      return TagDevice{device(dice), {{"site", dice.coin() ? "a" : "b"}}, {"room"}};
    case 14:
      return RenameDevice{device(dice), fmt::format("name-{}", dice.pick(3))};
    case 15:
      return SetFleetMember{dice.pick(fleet_names), "worker",
                            dice.coin() ? Role::developer : Role::observer};
    case 16:
      return report(dice);
    default:
      return CreateFleet{"acme/third", "pi4", FleetType::microservices, {}};
  }
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Draw& draw) {
  return out << fmt::format("{{{}, {{{}}}}}", draw.what, fmt::join(draw.dice, ", "));
}

Drawn draw_command(const World& world, const Draw& draw) {
  Dice dice(draw);
  Drawn drawn{.body = body_of(world, draw, dice), .how = {}, .repeatable = true};
  drawn.how.by = somebody(world, dice);
  drawn.how.confirmed = dice.pick(3) != 0;
  drawn.how.reason = "chance";
  if (std::holds_alternative<ReportDevice>(drawn.body)) drawn.how.by = Actor{};
  const bool makes_or_removes = std::holds_alternative<CreateRelease>(drawn.body) ||
                                std::holds_alternative<DeleteRelease>(drawn.body) ||
                                std::holds_alternative<RegisterDevice>(drawn.body) ||
                                std::holds_alternative<CreateFleet>(drawn.body);
  drawn.repeatable = !makes_or_removes;
  return drawn;
}

void prepare(World& world) {
  const FleetId first = world.fleet("first");
  const FleetId second = world.fleet("second");
  world.member(first, world.user("developer"), Role::developer);
  world.member(second, world.user("worker"), Role::fleet_operator);
  world.user("stranger");
}

}  // namespace muster::test
