#pragma once

#include <filesystem>
#include <vector>

#include "core/base/error.h"
#include "tools/agent/services/manifest.h"

namespace muster::agent {

/// The folders of a device's services (docs/agent.md), below the device's own. One thread.
class ServiceFolders {
 public:
  /// `has_volumes`: named volumes, one folder each; else one `data` folder for all services.
  ServiceFolders(std::filesystem::path root, bool has_volumes)
      : root_(std::move(root)), has_volumes_(has_volumes) {}

  [[nodiscard]] std::filesystem::path of(const ServiceSpec& service) const;
  [[nodiscard]] std::filesystem::path log_of(const ServiceSpec& service) const;
  [[nodiscard]] std::filesystem::path lock_of(const ServiceSpec& service) const;

  // Errors of all of these: failed.

  /// Makes what the service needs and is not there. A folder made for a service that was described
  /// otherwise, or not made whole, is made anew; volumes keep what is in them.
  [[nodiscard]] Result<void> prepare(const ServiceSpec& service);

  /// Removes the folders of all services but `kept`; logs and volumes stay.
  [[nodiscard]] Result<void> remove_others(const std::vector<ServiceSpec>& kept);

  /// Empties volumes, or the data folder. On disk when it returns.
  [[nodiscard]] Result<void> empty_volumes();

 private:
  [[nodiscard]] std::filesystem::path mark_of(const ServiceSpec& service) const;
  [[nodiscard]] bool is_made(const ServiceSpec& service) const;
  [[nodiscard]] Result<void> make(const ServiceSpec& service);
  [[nodiscard]] Result<void> make_storage(const ServiceSpec& service);

  std::filesystem::path root_;
  bool has_volumes_;
};

}  // namespace muster::agent
