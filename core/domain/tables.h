#pragma once

#include <optional>
#include <string>

#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"

namespace muster {

/// Where `evolve` keeps the rows of all entities. `edit` gives the row with that id, which must
/// exist; the reference is good for as long as one event is applied. Rows are never removed. Those
/// of open actions come into being when they are first asked for. Implementations: State (the
/// writer's memory), RegistryRows (the stored projection), PastRows (what rows were at some event).
class Tables {
 public:
  Tables() = default;
  Tables(const Tables&) = default;
  Tables& operator=(const Tables&) = default;
  Tables(Tables&&) = default;
  Tables& operator=(Tables&&) = default;
  virtual ~Tables() = default;

  virtual void add(DeviceType row) = 0;
  virtual void add(Organisation row) = 0;
  virtual void add(User row) = 0;
  virtual void add(Token row) = 0;
  virtual void add(Fleet row) = 0;
  virtual void add(Release row) = 0;
  virtual void add(Device row) = 0;
  virtual void add(ProvisioningKey row) = 0;
  virtual void add(SavedView row) = 0;

  /// From now on `slug` leads to that fleet; without one, to none.
  virtual void lead_slug(const std::string& slug, std::optional<FleetId> fleet) = 0;

  /// From now on `username` leads to no user.
  virtual void forget_username(const std::string& username) = 0;

  virtual Organisation& edit(OrganisationId id) = 0;
  virtual User& edit(UserId id) = 0;
  virtual Token& edit(TokenId id) = 0;
  virtual Fleet& edit(FleetId id) = 0;
  virtual Release& edit(ReleaseId id) = 0;
  virtual Device& edit(DeviceId id) = 0;
  virtual ProvisioningKey& edit(ProvisioningKeyId id) = 0;
  virtual SavedView& edit(SavedViewId id) = 0;

  virtual DeviceQueue& queue_of(DeviceId id) = 0;
  virtual FleetActions& actions_of(FleetId id) = 0;
  virtual ActionGroup& action_group(Sequence id) = 0;
};

}  // namespace muster
