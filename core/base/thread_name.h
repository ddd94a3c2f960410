#pragma once

#include <pthread.h>

#include "core/base/assert.h"

namespace muster {

/// Gives the calling thread the name that `top -H`, `perf` and debuggers show: at most 15 bytes.
inline void name_this_thread(const char* name) {
  const int error = pthread_setname_np(pthread_self(), name);
  MUSTER_ASSERT(error == 0, "a thread's name has at most 15 bytes");
}

}  // namespace muster
