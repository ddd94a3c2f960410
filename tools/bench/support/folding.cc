#include "tools/bench/support/folding.h"

#include <future>
#include <memory>

namespace muster::bench {

void await_folded(StateStore& store) {
  // Shared, as the runner may still hold it when we go on.
  const auto folded = std::make_shared<std::promise<void>>();
  store.runner().when(store.log().head(), [folded] { folded->set_value(); });
  folded->get_future().wait();
}

}  // namespace muster::bench
