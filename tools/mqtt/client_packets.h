#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/mqtt/wire.h"

namespace muster::mqtt {

// What clients send, of MQTT 3.1.1 and 5, for who listens in. Properties of version 5 are skipped.
// Errors: failed.

struct ClientWill {
  std::string topic;
  std::string payload;
  unsigned qos = 0;
  bool retain = false;
};

struct ClientConnect {
  unsigned version = 0;  // 4: MQTT 3.1.1; 5: MQTT 5.
  std::string client_id;
  std::optional<std::string> username;
  bool has_password = false;
  std::optional<ClientWill> will;
};

struct ClientSubscription {
  std::string filter;
  unsigned qos = 0;
};

struct ClientPublish {
  std::string topic;
  std::string payload;
  unsigned qos = 0;
  bool retain = false;
};

[[nodiscard]] Result<ClientConnect> read_connect(const Packet& packet);

// `version` as the client's connect said.
[[nodiscard]] Result<std::vector<ClientSubscription>> read_subscribe(const Packet& packet,
                                                                     unsigned version);
[[nodiscard]] Result<ClientPublish> read_client_publish(const Packet& packet, unsigned version);

}  // namespace muster::mqtt
