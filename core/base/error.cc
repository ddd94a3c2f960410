#include "core/base/error.h"

namespace muster {

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::unavailable:
      return "unavailable";
    case ErrorCode::corrupt:
      return "corrupt";
    case ErrorCode::incompatible:
      return "incompatible";
    case ErrorCode::in_use:
      return "in-use";
    case ErrorCode::invalid_input:
      return "invalid-input";
    case ErrorCode::failed:
      return "failed";
  }
  return "unknown";
}

}  // namespace muster
