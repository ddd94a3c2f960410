#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker-bridge/credentials/control_message.h"
#include "broker-bridge/credentials/refusal_cause.h"
#include "broker-bridge/credentials/token_verifier.h"
#include "broker-bridge/mosquitto-plugin/key_table.h"
#include "broker-bridge/mosquitto-plugin/token_cache.h"

namespace muster {

/// Says who may connect, and knows who is. Closed to all devices until the bridge, which comes
/// in with its secret, has said from which generation on keys are good. One thread.
class Gate {
 public:
  /// What the gate trusts.
  struct Trust {
    TokenVerifier verifier;
    std::string bridge_secret;
  };
  /// What the gate has the broker do.
  struct Effects {
    std::function<void(const Uuid& device, bool with_will)> close;
    std::function<void(const ControlNotice&)> tell;
  };
  Gate(const Uuid& log, Trust trust, Effects effects);

  /// One CONNECT.
  struct Knock {
    const void* client = nullptr;  // Tells connections of one device apart.
    std::string_view client_id;
    std::string_view username;  // Empty: none.
    std::string_view password;  // Empty: none.
    std::int64_t now_s = 0;
  };
  [[nodiscard]] std::optional<RefusalCause> refusal_of(const Knock& knock);

  /// That connection of a device has ended.
  void left(std::string_view username, const void* client);

  /// Does what the bridge asks. Errors: invalid_input (no table was begun, or it is too large);
  /// the steps before the one that failed are done.
  [[nodiscard]] Result<void> take(const ControlRequest& request);

  /// Another signing key or secret. Connections stay.
  void trust(Trust trust);

  [[nodiscard]] bool is_open() const noexcept { return open_; }

 private:
  struct Guest {
    const void* client = nullptr;
    std::uint64_t generation = 0;
  };

  [[nodiscard]] std::optional<RefusalCause> refusal_of_device(const Uuid& device,
                                                              const Knock& knock);
  [[nodiscard]] tl::expected<TokenClaims, RefusalCause> claims_of(std::string_view token);
  [[nodiscard]] Result<void> take_step(const ControlStep& step);
  [[nodiscard]] Result<void> open();
  void look_at(const Uuid& device);

  const Uuid log_;
  Trust trust_;
  const Effects effects_;
  TokenCache cache_;
  KeyTable keys_;
  std::optional<KeyTable> new_keys_;  // Begun, and not in use yet.
  bool open_ = false;
  std::unordered_map<Uuid, Guest> guests_;  // Devices that are connected.
};

}  // namespace muster
