#include "broker-bridge/mosquitto-plugin/gate.h"

#include <openssl/crypto.h>

#include <utility>

#include "core/base/digest.h"
#include "core/base/overloaded.h"

namespace muster {
namespace {

constexpr std::size_t cached_tokens_max = 500'000;

bool same_secret(std::string_view given, std::string_view expected) {
  return given.size() == expected.size() &&
         CRYPTO_memcmp(given.data(), expected.data(), expected.size()) == 0;
}

RefusalCause cause_of(TokenFault fault) {
  switch (fault) {
    case TokenFault::malformed:
    case TokenFault::bad_claims:
      return RefusalCause::no_token;
    case TokenFault::other_algorithm:
      return RefusalCause::algorithm;
    case TokenFault::bad_signature:
      return RefusalCause::signature;
  }
  return RefusalCause::no_token;
}

}  // namespace

Gate::Gate(const Uuid& log, Trust trust, Effects effects)
    : log_(log),
      trust_(std::move(trust)),
      effects_(std::move(effects)),
      cache_(cached_tokens_max) {}

std::optional<RefusalCause> Gate::refusal_of(const Knock& knock) {
  if (knock.username == bridge_username) {
    if (same_secret(knock.password, trust_.bridge_secret)) return std::nullopt;
    return RefusalCause::bad_secret;
  }
  const auto device = parse_uuid(knock.username);
  if (!device) return RefusalCause::no_password;
  return refusal_of_device(*device, knock);
}

std::optional<RefusalCause> Gate::refusal_of_device(const Uuid& device, const Knock& knock) {
  if (!open_) return RefusalCause::not_ready;
  if (knock.client_id != knock.username) return RefusalCause::client_id;
  if (knock.password.empty()) return RefusalCause::no_password;
  const auto claims = claims_of(knock.password);
  if (!claims) return claims.error();
  if (claims->issuer != log_) return RefusalCause::issuer;
  if (claims->subject != device) return RefusalCause::subject;
  if (claims->expires_at && *claims->expires_at <= knock.now_s) return RefusalCause::expired;
  if (!keys_.is_good(device, claims->generation)) return RefusalCause::revoked;
  guests_.insert_or_assign(device, Guest{knock.client, claims->generation});
  look_at(device);
  return std::nullopt;
}

/// What `token` says, from the cache if it was verified before.
tl::expected<TokenClaims, RefusalCause> Gate::claims_of(std::string_view token) {
  if (token.size() > token_size_max) return tl::unexpected(RefusalCause::no_token);
  const Digest digest = sha256({as_bytes(token)});
  if (const auto known = cache_.find(digest)) return *known;
  const auto claims = trust_.verifier.verify(token);
  if (!claims) return tl::unexpected(cause_of(claims.error()));
  cache_.add(digest, *claims);
  return *claims;
}

void Gate::left(std::string_view username, const void* client) {
  const auto device = parse_uuid(username);
  const auto guest = device ? guests_.find(*device) : guests_.end();
  // A device that came again was let in before its earlier connection ends.
  if (guest != guests_.end() && guest->second.client == client) guests_.erase(guest);
}

Result<void> Gate::take(const ControlRequest& request) {
  for (const ControlStep& step : request.steps) {
    if (auto taken = take_step(step); !taken) return taken;
  }
  return {};
}

Result<void> Gate::take_step(const ControlStep& step) {
  const auto full = [] { return fail(ErrorCode::invalid_input, "the table of keys is full"); };
  KeyTable& keys = new_keys_ ? *new_keys_ : keys_;
  return std::visit(Overloaded{
                        [&](const BeginTable&) -> Result<void> {
                          new_keys_.emplace();
                          return {};
                        },
                        [&](const SetMinimum& s) -> Result<void> {
                          if (!keys.set_minimum(s.device, s.generation)) return full();
                          if (!new_keys_) look_at(s.device);
                          return {};
                        },
                        [&](const WatchKey& s) -> Result<void> {
                          if (!keys.watch(s.device, s.generation)) return full();
                          if (!new_keys_) look_at(s.device);
                          return {};
                        },
                        [&](const KickDevice& s) -> Result<void> {
                          effects_.close(s.device, false);
                          return {};
                        },
                        [&](const OpenGate&) { return open(); },
                    },
                    step);
}

Result<void> Gate::open() {
  if (!new_keys_) return fail(ErrorCode::invalid_input, "no table of keys was begun");
  keys_ = *std::exchange(new_keys_, std::nullopt);
  open_ = true;
  std::vector<Uuid> devices;  // Closing a connection may change who is there.
  devices.reserve(guests_.size());
  for (const auto& [device, guest] : guests_) devices.push_back(device);
  for (const Uuid& device : devices) look_at(device);
  return {};
}

/// Closes the device's connection if its key is good no more, or says that it is in use.
void Gate::look_at(const Uuid& device) {
  const auto guest = guests_.find(device);
  if (guest == guests_.end()) return;
  const std::uint64_t generation = guest->second.generation;
  if (!keys_.is_good(device, generation)) {
    effects_.close(device, true);
  } else if (keys_.is_watched(device, generation)) {
    effects_.tell(KeyUsed{device, generation});
  }
}

void Gate::trust(Trust trust) {
  trust_ = std::move(trust);
  cache_.clear();
}

}  // namespace muster
