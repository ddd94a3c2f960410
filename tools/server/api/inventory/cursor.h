#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "projections/inventory/inventory.h"

namespace muster {

/// Where a page of devices ended, as the text that a client gives back for the next one. It fits
/// only the list it came from: `list` says which, by whatever decides what is in it and how it is
/// sorted.
[[nodiscard]] std::string write_cursor(const InventoryMark& mark, std::string_view list);

/// Nullopt for a text that write_cursor did not write for this list.
[[nodiscard]] std::optional<InventoryMark> read_cursor(std::string_view text,
                                                       std::string_view list);

}  // namespace muster
