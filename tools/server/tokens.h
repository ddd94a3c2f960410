#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "broker-bridge/credentials/signing_key.h"
#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"

namespace muster {

/// Users' tokens and provisioning keys. They are derived from the command that issued them and a
/// secret of this server, so that a repeated command can give the same one again although only
/// its hash is stored.
class UserTokens {
 public:
  explicit UserTokens(const Digest& secret) : secret_(secret) {}

  /// The token that the command `issuer` gives out.
  [[nodiscard]] std::string derive(const Ulid& issuer) const;

  /// The provisioning key that the command `issuer` gives out.
  [[nodiscard]] std::string derive_provisioning_key(const Ulid& issuer) const;

  /// What is stored of either.
  [[nodiscard]] static Digest hash(std::string_view token);

 private:
  Digest secret_;
};

/// Devices' MQTT passwords (broker-bridge/credentials/device_token.h), signed with a key of this
/// server.
class DeviceTokens {
 public:
  /// Loads the private key in `file` (PEM), or makes it. While it is being replaced, the one
  /// before it is in `previous`: what that signed is still good. Errors: corrupt; failed.
  [[nodiscard]] static Result<DeviceTokens> open(const std::filesystem::path& file,
                                                 const std::filesystem::path& previous);

  [[nodiscard]] std::string mint(const Uuid& log, const Uuid& device, Sequence generation) const;

  /// With what tokens are checked (PEM): one public key, or two.
  [[nodiscard]] std::string public_keys() const;

 private:
  DeviceTokens(SigningKey key, std::optional<SigningKey> previous)
      : key_(std::move(key)), previous_(std::move(previous)) {}

  SigningKey key_;
  std::optional<SigningKey> previous_;
};

}  // namespace muster
