#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace muster {

/// Why our broker plugin refuses a connect. The words are part of the API.
enum class RefusalCause : std::uint8_t {
  not_ready,    // The plugin does not know yet which keys are good.
  no_password,  // None was sent.
  client_id,    // The client id is not the user name.
  no_token,     // The password is no token.
  algorithm,    // It is signed by another algorithm than ES256, or none.
  signature,    // It was not signed with our key, or altered.
  issuer,       // It is of another log.
  subject,      // It is another device's.
  expired,      // Its time is over.
  revoked,      // A newer key took its place.
  bad_secret,   // Not a device: it said it was the bridge.
};

[[nodiscard]] std::string_view to_string(RefusalCause cause) noexcept;
[[nodiscard]] std::optional<RefusalCause> parse_refusal_cause(std::string_view word) noexcept;

}  // namespace muster
