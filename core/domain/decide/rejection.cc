#include "core/domain/decide/rejection.h"

#include <array>
#include <cstddef>

namespace muster {
namespace {

struct Entry {
  RejectionCode code;
  std::string_view word;
  RejectionClass kind;
};

using enum RejectionCode;

// In the order of the enumeration; checked below.
constexpr std::array entries{
    Entry{not_allowed, "not-allowed", RejectionClass::forbidden},
    Entry{unknown_organisation, "unknown-organisation", RejectionClass::unknown},
    Entry{unknown_user, "unknown-user", RejectionClass::unknown},
    Entry{unknown_token, "unknown-token", RejectionClass::unknown},
    Entry{unknown_device_type, "unknown-device-type", RejectionClass::unknown},
    Entry{unknown_fleet, "unknown-fleet", RejectionClass::unknown},
    Entry{unknown_release, "unknown-release", RejectionClass::unknown},
    Entry{unknown_device, "unknown-device", RejectionClass::unknown},
    Entry{invalid_name, "invalid-name", RejectionClass::invalid},
    Entry{invalid_uuid, "invalid-uuid", RejectionClass::invalid},
    Entry{invalid_commit, "invalid-commit", RejectionClass::invalid},
    Entry{invalid_semver, "invalid-semver", RejectionClass::invalid},
    Entry{invalid_manifest, "invalid-manifest", RejectionClass::invalid},
    Entry{invalid_field, "invalid-field", RejectionClass::invalid},
    Entry{handle_taken, "handle-taken", RejectionClass::conflict},
    Entry{username_taken, "username-taken", RejectionClass::conflict},
    Entry{slug_taken, "slug-taken", RejectionClass::conflict},
    Entry{uuid_taken, "uuid-taken", RejectionClass::conflict},
    Entry{device_type_taken, "device-type-taken", RejectionClass::conflict},
    Entry{commit_taken, "commit-taken", RejectionClass::conflict},
    Entry{ambiguous_release, "ambiguous-release", RejectionClass::conflict},
    Entry{release_of_other_fleet, "release-of-other-fleet", RejectionClass::conflict},
    Entry{release_not_success, "release-not-success", RejectionClass::conflict},
    Entry{release_invalidated, "release-invalidated", RejectionClass::conflict},
    Entry{release_not_running, "release-not-running", RejectionClass::conflict},
    Entry{release_in_use, "release-in-use", RejectionClass::conflict},
    Entry{incompatible_architecture, "incompatible-architecture", RejectionClass::conflict},
    Entry{empty_selection, "empty-selection", RejectionClass::invalid},
    Entry{selection_too_large, "selection-too-large", RejectionClass::invalid},
    Entry{several_fleets, "several-fleets", RejectionClass::conflict},
    Entry{stale_version, "stale-version", RejectionClass::precondition},
    Entry{count_mismatch, "count-mismatch", RejectionClass::precondition},
    Entry{confirmation_needed, "confirmation-needed", RejectionClass::conflict},
    Entry{idempotency_key_reused, "idempotency-key-reused", RejectionClass::conflict},
    Entry{last_administrator, "last-administrator", RejectionClass::conflict},
    Entry{unknown_provisioning_key, "unknown-provisioning-key", RejectionClass::unknown},
    Entry{provisioning_key_revoked, "provisioning-key-revoked", RejectionClass::forbidden},
    Entry{provisioning_key_expired, "provisioning-key-expired", RejectionClass::forbidden},
    Entry{provisioning_key_exhausted, "provisioning-key-exhausted", RejectionClass::forbidden},
    Entry{invalid_filter, "invalid-filter", RejectionClass::invalid},
    Entry{unknown_view, "unknown-view", RejectionClass::unknown},
    Entry{ambiguous_view, "ambiguous-view", RejectionClass::conflict},
    Entry{view_name_taken, "view-name-taken", RejectionClass::conflict},
    Entry{unknown_action, "unknown-action", RejectionClass::unknown},
    Entry{action_started, "action-started", RejectionClass::conflict},
    Entry{action_over, "action-over", RejectionClass::conflict},
    Entry{purge_of_move, "purge-of-move", RejectionClass::conflict},
    Entry{not_applicable, "not-applicable", RejectionClass::conflict},
    Entry{queue_full, "queue-full", RejectionClass::conflict},
    Entry{device_not_active, "device-not-active", RejectionClass::conflict},
    Entry{already_in_fleet, "already-in-fleet", RejectionClass::conflict},
    Entry{os_too_old, "os-too-old", RejectionClass::conflict},
    Entry{device_orphaned, "device-orphaned", RejectionClass::conflict},
    Entry{device_online, "device-online", RejectionClass::conflict},
    Entry{billing_invalid, "billing-invalid", RejectionClass::conflict},
    Entry{fleet_type_forbids, "fleet-type-forbids", RejectionClass::conflict},
    Entry{transfer_not_prepared, "transfer-not-prepared", RejectionClass::conflict},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (static_cast<std::size_t>(entries[i].code) != i) return false;
  }
  return entries.size() == static_cast<std::size_t>(transfer_not_prepared) + 1;
}
static_assert(in_order(), "one entry a code, in the order of the enumeration");

}  // namespace

std::string_view code_of(RejectionCode code) noexcept {
  return entries[static_cast<std::size_t>(code)].word;
}

RejectionClass class_of(RejectionCode code) noexcept {
  return entries[static_cast<std::size_t>(code)].kind;
}

}  // namespace muster
