#pragma once

#include <string_view>

namespace muster {

/// The version of this program, as `muster --version` and the API say it.
constexpr std::string_view version_text_of_program() { return MUSTER_VERSION; }

}  // namespace muster
