#include "tools/agent/device_io.h"

namespace muster::agent {

std::string_view to_string(StepKind kind) noexcept {
  return kind == StepKind::download ? "download" : "apply";
}

std::string_view to_string(ChangeKind kind) noexcept {
  switch (kind) {
    case ChangeKind::target:
      return "target";
    case ChangeKind::downloading:
      return "downloading";
    case ChangeKind::applying:
      return "applying";
    case ChangeKind::running:
      return "running";
    case ChangeKind::rejected:
      return "rejected";
    case ChangeKind::locked:
      return "locked";
    case ChangeKind::connected:
      return "connected";
    case ChangeKind::lost:
      return "lost";
  }
  return "unknown";
}

}  // namespace muster::agent
