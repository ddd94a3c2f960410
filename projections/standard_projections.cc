#include "projections/standard_projections.h"

#include "projections/actions/actions_view.h"
#include "projections/credentials/device_keys.h"
#include "projections/eras/era_view.h"
#include "projections/grants/grants.h"
#include "projections/history/history_view.h"
#include "projections/idempotency.h"
#include "projections/inventory/inventory_view.h"
#include "projections/registry.h"
#include "projections/targets.h"

namespace muster {

std::vector<std::unique_ptr<Projection>> standard_projections() {
  std::vector<std::unique_ptr<Projection>> all;
  all.push_back(std::make_unique<RegistryView>());
  all.push_back(std::make_unique<TargetsView>());
  all.push_back(std::make_unique<IdempotencyView>());
  all.push_back(std::make_unique<DeviceKeysView>());
  all.push_back(std::make_unique<InventoryView>());
  all.push_back(std::make_unique<ActionsView>());
  all.push_back(std::make_unique<GrantsView>());
  all.push_back(std::make_unique<HistoryView>());
  all.push_back(std::make_unique<EraView>());
  return all;
}

std::unique_ptr<Projection> standard_projection(std::string_view name) {
  for (auto& each : standard_projections()) {
    if (each->name() == name) return std::move(each);
  }
  return nullptr;
}

}  // namespace muster
