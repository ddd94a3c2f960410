#pragma once

#include <string>

#include "broker-bridge/channel/payload.h"
#include "core/engine/engine.h"
#include "projections/reader.h"
#include "tools/http/host_port.h"
#include "tools/server/api/commands/names.h"
#include "tools/server/tokens.h"

namespace muster {

/// What rendering an answer needs beside the events.
struct AnswerParts {
  const UserTokens& user_tokens;
  const DeviceTokens& device_tokens;
  LogIdentity identity;
  HostPort mqtt;  // Where devices connect.
};

/// Makes answers to commands from their events alone (docs/http-api.md), so that a repeated command
/// is answered alike, for one or for many as of one moment. One thread at a time.
class AnswerWriter {
 public:
  /// Both must outlive it; `reader` gives names, and says whether the lists show the change.
  AnswerWriter(const AnswerParts& parts, const Reader& reader);

  /// Appends the answer as JSON text.
  void append(std::string& out, const Accepted& accepted);

  /// The same made of documents, whatever happened. `append` gives the same bytes, and for what is
  /// done by the thousand it does so faster.
  [[nodiscard]] std::string document(const Accepted& accepted);

 private:
  [[nodiscard]] bool shows(const Accepted& accepted) const;

  const AnswerParts& parts_;
  const Reader& reader_;
  Names names_;
};

}  // namespace muster
