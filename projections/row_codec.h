#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/domain/actions/action_rows.h"
#include "core/domain/entities.h"

namespace muster {

// Rows of the registry as bytes. The form is private to the registry: a change of it, or of the
// rows, raises the version of RegistryView, and the rows are made anew.

std::string encode_row(const DeviceType& row);
std::string encode_row(const Organisation& row);
std::string encode_row(const User& row);
std::string encode_row(const Token& row);
std::string encode_row(const Fleet& row);
std::string encode_row(const Release& row);
std::string encode_row(const Device& row);
std::string encode_row(const ProvisioningKey& row);
std::string encode_row(const SavedView& row);
std::string encode_row(const DeviceQueue& row);
std::string encode_row(const FleetActions& row);
std::string encode_row(const ActionGroup& row);

/// The row encoded as `bytes`; of the types above.
/// Errors: corrupt.
template <typename Row>
[[nodiscard]] Result<Row> decode_row(std::string_view bytes);

/// The uuid alone of the device encoded as `bytes`, which stands near their beginning.
/// Errors: corrupt.
[[nodiscard]] Result<Uuid> decode_uuid_of_device(std::string_view bytes);

}  // namespace muster
