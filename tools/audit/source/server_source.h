#pragma once

#include <memory>
#include <string>

#include "tools/audit/source/log_source.h"
#include "tools/http/client.h"

namespace muster::audit {

/// The log that a server serves to auditors below `/log`.
class ServerSource final : public LogSource {
 public:
  ServerSource(std::string url, std::string token);

  [[nodiscard]] Result<std::optional<std::string>> checkpoint() override;
  [[nodiscard]] Result<std::optional<std::string>> key() override;
  [[nodiscard]] Result<Entries> entries(std::uint64_t index, std::uint32_t width) override;
  [[nodiscard]] Result<std::optional<TileHashes>> tile(const TileId& id) override;
  [[nodiscard]] bool keeps_partial_tiles() const override { return true; }
  [[nodiscard]] std::unique_ptr<LogSource> another() const override;

 private:
  [[nodiscard]] Result<std::optional<std::string>> get(const std::string& name);

  const std::string url_;
  const std::string token_;
  HttpClient client_;
};

}  // namespace muster::audit
