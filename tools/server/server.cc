#include "tools/server/server.h"

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

#include "broker-bridge/support/open_files.h"
#include "core/base/log.h"
#include "tools/server/system.h"

namespace muster {
namespace {

/// SIGTERM and SIGINT, taken from all threads started after this, to be waited for.
sigset_t hold_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

}  // namespace

int run_server(const ServerOptions& options) {
  const sigset_t stop = hold_stop_signals();
  std::signal(SIGPIPE, SIG_IGN);
  allow_most_open_files();  // The broker inherits it: each device is a socket there.
  auto system = System::start(options);
  if (!system) {
    fmt::print(stderr, "muster serve: {}\n", system.error().message);
    return 1;
  }
  fmt::print("ready http={} mqtt={} data={}\n", to_string((*system)->http()),
             to_string((*system)->mqtt()), options.data.string());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&stop, &signal);
  log_info("stopping: signal={}", signal == SIGINT ? "SIGINT" : "SIGTERM");
  system->reset();
  return 0;
}

}  // namespace muster
