#include "tools/server/broker_choice.h"

#include <fmt/format.h>

#include <utility>

#include "tools/mqtt/broker_url.h"

namespace muster {
namespace {

constexpr std::string_view no_tls =
    "the bridge's password would travel unprotected; for another machine give mqtts://HOST:PORT";

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

Result<BrokerChoice> choose_broker(std::string_view mqtt, std::string_view listen,
                                   const TlsFiles& files) {
  const bool embedded = mqtt == "embedded";
  auto url = parse_broker_url(embedded ? listen : mqtt);
  if (!url) {
    return fail(ErrorCode::invalid_input,
                fmt::format("{}: {}", embedded ? "--mqtt-listen" : "--mqtt", url.error().message));
  }
  auto tls = tls_for(*url, files);
  if (!tls) return tl::unexpected(tls.error());
  if (embedded && (url->tls || !url->username.empty())) {
    return fail(ErrorCode::invalid_input, "--mqtt-listen takes HOST:PORT and no more");
  }
  if (!embedded && !url->tls) {
    if (auto safe = check_loopback(url->address, "--mqtt", no_tls); !safe) {
      return tl::unexpected(safe.error());
    }
  }
  return BrokerChoice{.embedded = embedded,
                      .address = std::move(url->address),
                      .username = std::move(url->username),
                      .password = std::move(url->password),
                      .tls = std::move(*tls)};
}

}  // namespace muster
