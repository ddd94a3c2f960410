#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster::cli {

/// The one of `known` that `word` is most likely a misspelling of; nullopt if none is near.
std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known);

}  // namespace muster::cli
