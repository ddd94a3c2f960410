#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "tools/bench/support/api_client.h"
#include "tools/bench/support/progress.h"
#include "tools/bench/support/server_process.h"
#include "tools/http/host_port.h"
#include "tools/mqtt/plain_broker.h"

namespace muster::bench {

/// A server over a filled folder, and a broker that checks nobody and that nothing else uses, each
/// in a process of its own. They end with this.
class FilledServer {
 public:
  /// Starts `program` in `folder`, which must be empty, with so many devices, and knows the first
  /// `told_max` of them. Errors: as of the parts.
  [[nodiscard]] static Result<std::unique_ptr<FilledServer>> start(
      const std::filesystem::path& program, const std::filesystem::path& folder,
      std::size_t devices, std::size_t told_max, const Progress& progress);

  [[nodiscard]] ApiClient& api() noexcept { return api_; }
  [[nodiscard]] HostPort broker() const { return {.host = "127.0.0.1", .port = broker_.port()}; }

  /// The uuids of those it knows.
  [[nodiscard]] const std::vector<std::string>& devices() const noexcept { return devices_; }

 private:
  FilledServer(mqtt::PlainBroker broker, ServerProcess server, std::vector<std::string> devices)
      : broker_(std::move(broker)),
        server_(std::move(server)),
        api_(server_),
        devices_(std::move(devices)) {}

  mqtt::PlainBroker broker_;
  ServerProcess server_;
  ApiClient api_;
  const std::vector<std::string> devices_;
};

}  // namespace muster::bench
