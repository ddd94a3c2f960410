#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "broker-bridge/gate/refused_connects.h"
#include "broker-bridge/presence.h"
#include "projections/reader.h"

namespace muster {

// Rows as the API shows them (docs/http-api.md). Names of other entities are looked up in the
// reader, which must be the one the rows come from.

nlohmann::ordered_json render(const DeviceType& type);
nlohmann::ordered_json render(const Reader& reader, const Organisation& organisation);
nlohmann::ordered_json render(const User& user);
nlohmann::ordered_json render(const Reader& reader, const Token& token);
nlohmann::ordered_json render(const Reader& reader, const Fleet& fleet);
nlohmann::ordered_json render(const Reader& reader, const Release& release);
nlohmann::ordered_json render(const Reader& reader, const ProvisioningKey& key);

/// What is known of a device beside its row.
struct DeviceNow {
  Sighting sighting;
  std::optional<RefusedConnect> refused;
  std::string public_domain;  // Of public URLs; empty: none is configured.
  Timestamp at;
};
nlohmann::ordered_json render(const Reader& reader, const Device& device, const DeviceNow& now);
nlohmann::ordered_json render(const Reader& reader, const SavedView& view);

/// The commit of a release, or null.
nlohmann::ordered_json commit_of(const Reader& reader, const std::optional<ReleaseId>& id);

/// Names of the bits of InstanceRole.
nlohmann::ordered_json render_instance_roles(std::uint8_t roles);

}  // namespace muster
