#pragma once

#include <nlohmann/json_fwd.hpp>

#include "broker-bridge/channel/payload.h"
#include "core/engine/engine.h"
#include "projections/reader.h"
#include "tools/http/host_port.h"
#include "tools/server/tokens.h"

namespace muster {

/// What rendering an answer needs beside the events.
struct AnswerParts {
  const UserTokens& user_tokens;
  const DeviceTokens& device_tokens;
  LogIdentity identity;
  HostPort mqtt;  // Where devices connect.
};

/// The answer to a command, made from its events alone (docs/http-api.md), so that a repeated
/// command is answered alike. `reader` gives names.
nlohmann::ordered_json render_answer(const AnswerParts& parts, const Reader& reader,
                                     const Accepted& accepted);

}  // namespace muster
