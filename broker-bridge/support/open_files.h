#pragma once

#include <cstddef>

#include "core/base/error.h"

namespace muster {

/// Sees to it that this process may have at least `files` files and sockets open, by raising its
/// soft limit as far as the hard one allows. What it starts later inherits that.
/// Errors: failed, saying what the limit is and how to raise it.
[[nodiscard]] Result<void> allow_open_files(std::size_t files);

/// As many as the hard limit allows. Harmless if that cannot be done.
void allow_most_open_files() noexcept;

}  // namespace muster
