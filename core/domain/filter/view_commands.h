#pragma once

#include <string>

namespace muster {

// Commands about saved views; see command.h.

/// Gives a filter of devices a name.
struct CreateView {
  std::string name;
  std::string filter;
  std::string shared_with;  // Slug of a fleet; empty: private.
};

struct RemoveView {
  std::string view;  // Name, or `id:N`.
};

}  // namespace muster
