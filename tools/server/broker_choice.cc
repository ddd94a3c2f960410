#include "tools/server/broker_choice.h"

#include <fmt/format.h>

namespace muster {
namespace {

constexpr std::string_view no_tls = "the bridge's password would travel unprotected";

}  // namespace

Result<void> check_loopback(const HostPort& address, std::string_view option,
                            std::string_view why) {
  const bool loopback =
      address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.");
  if (loopback) return {};
  return fail(ErrorCode::invalid_input,
              fmt::format("{} {}: only loopback addresses (127.0.0.1, localhost, ::1) are "
                          "accepted: {}",
                          option, to_string(address), why));
}

Result<BrokerChoice> choose_broker(std::string_view mqtt, std::string_view listen) {
  BrokerChoice choice;
  if (mqtt == "embedded") {
    auto address = parse_host_port(listen);
    if (!address)
      return fail(ErrorCode::invalid_input,
                  fmt::format("--mqtt-listen: {}", address.error().message));
    choice.address = std::move(*address);
    return choice;
  }
  constexpr std::string_view scheme = "mqtt://";
  if (!mqtt.starts_with(scheme)) {
    return fail(ErrorCode::invalid_input,
                fmt::format("--mqtt `{}`: give `embedded` or mqtt://[USER:PASSWORD@]HOST:PORT; "
                            "a broker on this machine needs no TLS",
                            mqtt));
  }
  choice.embedded = false;
  std::string_view rest = mqtt.substr(scheme.size());
  if (const auto at = rest.rfind('@'); at != rest.npos) {
    const std::string_view login = rest.substr(0, at);
    const auto colon = login.find(':');
    choice.username = login.substr(0, colon);
    if (colon != login.npos) choice.password = login.substr(colon + 1);
    rest.remove_prefix(at + 1);
  }
  auto address = parse_host_port(rest);
  if (!address)
    return fail(ErrorCode::invalid_input, fmt::format("--mqtt: {}", address.error().message));
  choice.address = std::move(*address);
  if (auto safe = check_loopback(choice.address, "--mqtt", no_tls); !safe) {
    return tl::unexpected(safe.error());
  }
  return choice;
}

}  // namespace muster
