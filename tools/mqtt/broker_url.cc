#include "tools/mqtt/broker_url.h"

#include <fmt/format.h>

#include <utility>

namespace muster {
namespace {

/// Cuts `prefix` off `text`, if it begins with it.
bool takes_off(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

Result<BrokerUrl> parse_broker_url(std::string_view text) {
  BrokerUrl url;
  std::string_view rest = text;
  url.tls = takes_off(rest, "mqtts://");
  if (!url.tls) takes_off(rest, "mqtt://");
  if (const auto scheme = rest.find("://"); scheme != rest.npos) {
    return fail(ErrorCode::invalid_input,
                fmt::format("broker '{}': mqtt:// and mqtts:// (with TLS) are spoken",
                            text.substr(0, scheme)));
  }
  if (const auto at = rest.rfind('@'); at != rest.npos) {
    const std::string_view login = rest.substr(0, at);
    const auto colon = login.find(':');
    url.username = login.substr(0, colon);
    if (colon != login.npos) url.password = login.substr(colon + 1);
    rest.remove_prefix(at + 1);
  }
  auto address = parse_host_port(rest);
  if (!address) return tl::unexpected(address.error());
  url.address = std::move(*address);
  if (url.tls && url.address.host.find(':') != std::string::npos) {
    return fail(ErrorCode::invalid_input,
                fmt::format("broker {}: the MQTT library cannot check a certificate against an "
                            "IPv6 address; give the broker's name",
                            to_string(url.address)));
  }
  return url;
}

Result<std::optional<TlsFiles>> tls_for(const BrokerUrl& broker, const TlsFiles& files) {
  if (broker.tls) {
    if (auto usable = check(files); !usable) return tl::unexpected(usable.error());
    return files;
  }
  if (files.ca.empty() && files.certificate.empty() && files.key.empty()) return std::nullopt;
  return fail(ErrorCode::invalid_input,
              "--broker-ca, --broker-cert and --broker-key are for TLS: give the broker as "
              "mqtts://HOST:PORT");
}

}  // namespace muster
