#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/decide/access.h"
#include "projections/reader.h"
#include "tools/http/message.h"
#include "tools/http/problem.h"

namespace muster {

/// Who sent a request, found by its token.
struct Caller {
  Asker asker;
  User user;
  Token token;

  [[nodiscard]] Actor actor() const { return Actor{.user = user.id, .token = token.id}; }
};

/// The caller of `request`. Problems: 401 `unauthorized` (no token, a wrong, revoked or expired
/// one, a disabled user).
[[nodiscard]] HttpResult<Caller> authenticate(const Reader& reader, const HttpRequest& request,
                                              Timestamp now);

/// The provisioning key that a device sent with `request`, as if it were a user's token.
/// Problems: 401 `unauthorized`; 403 `provisioning-key-revoked`, `provisioning-key-expired`.
[[nodiscard]] HttpResult<ProvisioningKey> authenticate_device(const Reader& reader,
                                                              const HttpRequest& request,
                                                              Timestamp now);

/// 409 `ambiguous-device`, with the devices whose uuids begin so.
[[nodiscard]] Problem ambiguous_device_problem(std::string_view name,
                                               const std::vector<Device>& devices);

/// What a caller may see, as of one moment. What it may not see is reported as unknown.
class Sight {
 public:
  /// Both must outlive the object.
  Sight(const Reader& reader, const Caller& caller) : reader_(reader), caller_(caller) {}

  [[nodiscard]] bool sees(const Fleet& fleet) const;
  [[nodiscard]] bool sees(const Device& device) const;
  [[nodiscard]] bool sees(const Organisation& organisation) const;
  [[nodiscard]] bool sees(const SavedView& view) const;

  /// All fleets that the caller sees, by rising id.
  [[nodiscard]] std::vector<Fleet> fleets() const;

  /// The same with deleted ones whose orphaned devices it sees.
  [[nodiscard]] std::vector<Fleet> fleets_and_deleted() const;

  /// Devices that the caller sees by themselves: support access to them is granted.
  [[nodiscard]] std::vector<DeviceId> granted_devices() const;

  /// `handle` in any case.
  [[nodiscard]] HttpResult<Organisation> organisation(std::string_view handle) const;

  [[nodiscard]] HttpResult<Fleet> fleet(std::string_view slug) const;

  /// `name` is a uuid or a unique prefix of one, of at least 7 digits.
  /// Problems: 400 `invalid-uuid`, 404 `unknown-device`, 409 `ambiguous-device`.
  [[nodiscard]] HttpResult<Device> device(std::string_view name) const;

  /// The view that `name` (or `id:N`) means to the caller.
  /// Problems: 404 `unknown-view`, 409 `ambiguous-view`.
  [[nodiscard]] HttpResult<SavedView> view(std::string_view name) const;

  /// The release that `name` means in `fleet`.
  [[nodiscard]] HttpResult<Release> release(const Fleet& fleet, std::string_view name) const;

  /// The release of that id (`31` or `id:31`) in a fleet that the caller sees.
  [[nodiscard]] HttpResult<Release> release(std::string_view id) const;

 private:
  /// Its organisation's administrators and auditors see the orphaned devices of a deleted fleet.
  [[nodiscard]] bool sees_orphans(const Fleet& fleet) const;

  const Reader& reader_;
  const Caller& caller_;
};

}  // namespace muster
