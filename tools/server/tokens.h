#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/ulid.h"
#include "core/base/uuid.h"
#include "core/domain/ids.h"

struct evp_pkey_st;

namespace muster {

/// Users' tokens and provisioning keys. They are derived from the command that issued them and a
/// secret of this server, so that a repeated command can give the same token again although only
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

/// Devices' MQTT passwords: JSON web tokens (RFC 7519) signed with ES256 (RFC 7518, 3.4).
/// Issuer: the log's uuid. Subject: the device's. `gen`: the event that issued it.
class DeviceTokens {
 public:
  /// Loads the P-256 key in `file` (PEM), or makes it. Errors: corrupt; failed.
  [[nodiscard]] static Result<DeviceTokens> open(const std::filesystem::path& file);

  [[nodiscard]] std::string mint(const Uuid& log, const Uuid& device, Sequence generation) const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, FreeKey>;

  explicit DeviceTokens(Key key) : key_(std::move(key)) {}

  Key key_;
};

}  // namespace muster
