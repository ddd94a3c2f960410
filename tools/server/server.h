#pragma once

#include <filesystem>
#include <string>

#include "broker-bridge/tls/tls_files.h"

namespace muster {

struct ServerOptions {
  std::filesystem::path data;
  std::string http = "127.0.0.1:7880";         // HOST:PORT; port 0: any free one.
  std::string mqtt = "embedded";               // Or mqtt(s)://[USER:PASSWORD@]HOST:PORT.
  TlsFiles broker_tls;                         // For mqtts://.
  std::string mqtt_listen = "127.0.0.1:7883";  // Where the embedded broker listens.
  unsigned spread_s = 30;                      // Devices announce themselves anew over this time.
  std::string public_domain;                   // Of devices' public URLs; empty: none.
  std::string origin;                // Name of the log in its checkpoints; empty: as before.
  std::filesystem::path backups;     // Where backups are made; empty: nowhere.
  unsigned checkpoint_every_s = 10;  // A checkpoint is signed, if there are new events.
};

/// Runs a server until SIGTERM or SIGINT, and returns the exit code. Prints one line `ready` with
/// its addresses to stdout when it serves; problems go to stderr.
int run_server(const ServerOptions& options);

}  // namespace muster
