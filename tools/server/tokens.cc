#include "tools/server/tokens.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <utility>

#include "core/base/base64.h"
#include "core/log/disk/posix_file.h"
#include "tools/store/data_folder.h"

namespace muster {
namespace {

Result<SigningKey> load_key(const std::filesystem::path& file) {
  const auto in = PosixFile::open(file, O_RDONLY);
  if (!in) return tl::unexpected(in.error());
  const auto pem = in->read_all();
  if (!pem) return tl::unexpected(pem.error());
  auto key = SigningKey::from_pem(*pem);
  if (key) return key;
  return fail(ErrorCode::corrupt, fmt::format("{} is damaged: {}; put back the original",
                                              file.string(), key.error().message));
}

}  // namespace

std::string UserTokens::derive(const Ulid& issuer) const {
  return fmt::format("muster_{}", to_base64url(hmac_sha256(secret_, issuer.bytes)));
}

std::string UserTokens::derive_provisioning_key(const Ulid& issuer) const {
  return fmt::format("muster-provision_{}", to_base64url(hmac_sha256(secret_, issuer.bytes)));
}

Digest UserTokens::hash(std::string_view token) { return sha256({as_bytes(token)}); }

Result<DeviceTokens> DeviceTokens::open(const std::filesystem::path& file,
                                        const std::filesystem::path& previous) {
  std::optional<SigningKey> before;
  if (std::filesystem::exists(previous)) {
    auto loaded = load_key(previous);
    if (!loaded) return tl::unexpected(loaded.error());
    before = std::move(*loaded);
  }
  if (!std::filesystem::exists(file)) {
    SigningKey key = SigningKey::generate();
    if (auto written = write_secret(file, key.private_pem()); !written) {
      return tl::unexpected(written.error());
    }
    return DeviceTokens(std::move(key), std::move(before));
  }
  auto key = load_key(file);
  if (!key) return tl::unexpected(key.error());
  return DeviceTokens(std::move(*key), std::move(before));
}

std::string DeviceTokens::mint(const Uuid& log, const Uuid& device, Sequence generation) const {
  return key_.sign(
      {.issuer = log, .subject = device, .generation = generation.value(), .expires_at = {}});
}

std::string DeviceTokens::public_keys() const {
  return key_.public_pem() + (previous_ ? previous_->public_pem() : std::string());
}

}  // namespace muster
