#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "core/domain/event.h"

namespace muster::test {

/// The release policy once more, as simply as it can be said and with nothing kept up to date:
/// everything is looked for again each time. Made from what happened to releases, pins and
/// policies; it does not believe FleetTargetChanged but works the targets out itself.
class NaiveModel {
 public:
  using Id = std::uint32_t;

  struct ReleaseFacts {
    Id fleet = 0;
    std::string commit;
    std::string semver;
    std::string manifest;
    std::optional<Id> revision;
    bool success = false;
    bool invalidated = false;
    bool deleted = false;
    std::uint64_t created = 0;
  };
  struct FleetFacts {
    bool pinned = false;
    std::optional<Id> target;  // Worked out by the rules, after each command.
    std::optional<Id> told;    // As FleetTargetChanged said.
  };
  struct DeviceFacts {
    Id fleet = 0;
    std::optional<Id> pin;
    std::string payload;    // What it is told, as one text.
    std::uint64_t seq = 0;  // The event after which `payload` was not what it was before.
  };

  /// Takes in an event, then compares what each device is told with what it was told before.
  void see(std::uint64_t sequence, const Event& event);

  /// To be called after all events of a command: moves the fleets that track.
  void settle();

  [[nodiscard]] std::optional<Id> target_of(Id device) const;
  [[nodiscard]] std::uint32_t devices_in(Id fleet) const;
  [[nodiscard]] std::uint32_t pinned_in(Id fleet) const;
  [[nodiscard]] std::uint32_t pinned_to(Id release) const;

  std::map<Id, ReleaseFacts> releases;
  std::map<Id, FleetFacts> fleets;
  std::map<Id, DeviceFacts> devices;

 private:
  void take(std::uint64_t sequence, const Event& event);
  [[nodiscard]] std::optional<Id> latest(Id fleet) const;
  [[nodiscard]] std::string payload_for(const DeviceFacts& device) const;
};

}  // namespace muster::test
