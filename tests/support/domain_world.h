#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/decide/decide.h"
#include "core/domain/state.h"
#include "core/domain/target.h"

namespace muster::test {

/// A release as `World::release` makes it: by default one that a fleet may track.
struct GivenRelease {
  std::string commit;
  std::string semver = "1.0.0";
  std::optional<std::uint32_t> revision = 0;  // None: a draft.
  ReleaseStatus status = ReleaseStatus::success;
  std::string manifest;
};

/// What is true of a command beside its body.
struct How {
  std::optional<Actor> by;  // Without one: the organisation administrator `World::owner`.
  std::string reason;
  std::optional<std::uint64_t> version;  // Expected.
  std::optional<std::uint64_t> count;    // Expected.
  bool confirmed = false;
};

/// A state built from given events, and commands that meet it.
///
/// Starts with `root` (user 1, instance administrator), `owner` (user 2, administrator of the
/// organisation `acme`), and the device types `pi4` (1) and `pi4-lite` (2), both aarch64, and
/// `nuc` (3), amd64. Ids are dense in the order things are given, so that tests may name them.
class World {
 public:
  World();

  // Given: appends one event, with the next sequence and a time of its own.
  void given(Event event);
  Actor user(const std::string& name, std::uint8_t instance_roles = 0);
  Actor token(UserId user, std::optional<Role> limit, std::optional<Timestamp> expires = {});
  FleetId fleet(const std::string& name);  // Slug: acme/<name>; of type pi4.
  void member(FleetId fleet, const Actor& user, Role role);
  ReleaseId release(FleetId fleet, GivenRelease release);
  DeviceId device(FleetId fleet);                  // Its uuid is uuid_text(its id).
  void pinned(FleetId fleet, ReleaseId release);   // FleetPinned and the change of target.
  void targets(FleetId fleet, ReleaseId release);  // Tracking, it moved to that release.
  void pinned(DeviceId device, ReleaseId release);
  void passes(std::chrono::seconds time) { now_ += time; }

  // When: what is decided. `when` is its text; see text_of.
  [[nodiscard]] Decision decision(CommandBody body, const How& how = {}) const;
  [[nodiscard]] std::string when(CommandBody body, const How& how = {}) const;
  /// Decides and appends what is decided.
  std::string perform(CommandBody body, const How& how = {});

  [[nodiscard]] const State& state() const noexcept { return state_; }
  [[nodiscard]] Sequence head() const noexcept { return head_; }
  [[nodiscard]] Timestamp now() const noexcept { return now_; }
  [[nodiscard]] const Fleet& of(FleetId id) const { return *state_.find(id); }
  [[nodiscard]] const Release& of(ReleaseId id) const { return *state_.find(id); }
  [[nodiscard]] const Device& of(DeviceId id) const { return *state_.find(id); }
  [[nodiscard]] Target target(DeviceId id) const;

  const Actor root{UserId{1}, TokenId{1}};
  const Actor owner{UserId{2}, TokenId{2}};
  const OrganisationId acme{1};

 private:
  State state_;
  Sequence head_;
  void append(Event event, EventMeta meta);
  void check_follows(const std::vector<Event>& events, const Actor& actor) const;

  Timestamp now_{std::chrono::seconds{1'700'000'000}};
};

/// The uuid of the device given as number `number`, e.g. `00000000000000000000000000000001`.
std::string uuid_text(std::uint32_t number);
inline std::string uuid_text(DeviceId id) { return uuid_text(id.value()); }

/// The id of the command that is performed when the last event is `head`.
Ulid command_after(Sequence head);

/// A full commit: `digits` and then zeros, 40 in all.
std::string commit(std::string_view digits);

/// The release a device of `state` should run, if any, and since when.
Target target_in(const State& state, const Device& device);

}  // namespace muster::test
