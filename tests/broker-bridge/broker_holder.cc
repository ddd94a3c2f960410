#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "broker-bridge/embedded_broker.h"
#include "tests/support/broker_support.h"

/// Starts a broker in the folder given, prints its process id and port, and waits to be killed.
int main(int argc, char** argv) {
  if (argc != 2) {
    return EXIT_FAILURE;
  }
  const auto options = muster::test::broker_options(argv[1]);
  const auto broker = muster::EmbeddedBroker::start(options, nullptr);
  if (!broker) {
    std::fprintf(stderr, "%s\n", broker.error().message.c_str());
    return EXIT_FAILURE;
  }
  std::printf("%d\n", (*broker)->pid());
  std::fflush(stdout);
  while (true) {
    ::pause();
  }
}
