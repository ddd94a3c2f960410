#pragma once

#include <string>
#include <string_view>

namespace muster {

/// The key of a row of `view` for people: what it is about in words, numbers for ids, and
/// hexadecimal digits for what is neither.
[[nodiscard]] std::string text_of_key(std::string_view view, std::string_view key);

}  // namespace muster
