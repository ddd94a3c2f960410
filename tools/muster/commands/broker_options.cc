#include "tools/muster/commands/broker_options.h"

#include <fmt/format.h>

#include <utility>

#include "tools/mqtt/broker_url.h"

namespace muster::cli {

void add_broker_tls(CLI::App& command, TlsFiles& files) {
  command
      .add_option("--broker-ca", files.ca,
                  "With mqtts://: CAs that may sign its certificate [default: the system's]")
      ->option_text("FILE");
  command.add_option("--broker-cert", files.certificate, "With mqtts://: our own certificate")
      ->option_text("FILE");
  command.add_option("--broker-key", files.key, "The key of that certificate, no passphrase on it")
      ->option_text("FILE");
}

Result<HostPort> plain_broker(const std::string& mqtt) {
  auto url = parse_broker_url(mqtt);
  if (!url) return tl::unexpected(url.error());
  if (!url->tls) return std::move(url->address);
  return fail(ErrorCode::invalid_input,
              fmt::format("{}: no TLS is spoken here, only by `muster serve` and `muster agent "
                          "run`; give HOST:PORT of a listener without it",
                          mqtt));
}

}  // namespace muster::cli
