#pragma once

#include <memory>

#include "core/base/error.h"
#include "tools/http/host_port.h"
#include "tools/server/server.h"

namespace muster {

/// All parts of a running server, wired: log, views, writer, bridge, broker, HTTP.
class System {
 public:
  /// Opens or makes the data folder, catches up, and serves from then on. The first start of an
  /// empty folder makes the first administrator and writes its token to `admin.token`.
  /// Errors: as of the parts; each says what to do.
  [[nodiscard]] static Result<std::unique_ptr<System>> start(const ServerOptions& options);

  System(const System&) = delete;
  System& operator=(const System&) = delete;

  /// Finishes the requests that run, then stops everything, newest part first.
  ~System();

  [[nodiscard]] HostPort http() const;
  [[nodiscard]] HostPort mqtt() const;

 private:
  struct Parts;
  explicit System(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace muster
