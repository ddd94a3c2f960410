#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace muster {

/// Why the domain refuses a command. The words of `code_of` are stable: clients branch on them.
enum class RejectionCode {
  not_allowed,
  unknown_organisation,
  unknown_user,
  unknown_token,
  unknown_device_type,
  unknown_fleet,
  unknown_release,
  unknown_device,
  invalid_name,
  invalid_uuid,
  invalid_commit,
  invalid_semver,
  invalid_manifest,
  invalid_field,
  handle_taken,
  username_taken,
  slug_taken,
  uuid_taken,
  device_type_taken,
  commit_taken,
  ambiguous_release,
  release_of_other_fleet,
  release_not_success,
  release_invalidated,
  release_not_running,
  release_in_use,
  incompatible_architecture,
  empty_selection,
  selection_too_large,
  several_fleets,
  stale_version,
  count_mismatch,
  confirmation_needed,
  idempotency_key_reused,
  last_administrator,
  unknown_provisioning_key,
  provisioning_key_revoked,
  provisioning_key_expired,
  provisioning_key_exhausted,
  invalid_filter,
  unknown_view,
  ambiguous_view,
  view_name_taken,
  unknown_action,
  action_started,
  action_over,
  purge_of_move,
  not_applicable,
  queue_full,
  device_not_active,
  already_in_fleet,
  os_too_old,
  device_orphaned,
  device_online,
  billing_invalid,
  fleet_type_forbids,
  transfer_not_prepared,
};

/// What a refusal has in common with others of its kind, for status and exit codes.
enum class RejectionClass { invalid, forbidden, unknown, conflict, precondition };

std::string_view code_of(RejectionCode code) noexcept;
RejectionClass class_of(RejectionCode code) noexcept;

/// A place in a text that somebody wrote.
struct TextPointer {
  std::string text;
  std::size_t position = 0;  // Which character it is, from 0.
};

/// A refusal: nothing was appended. All texts are for people.
struct Rejection {
  RejectionCode code = RejectionCode::invalid_field;
  std::string entity;                   // What it is about, e.g. `fleet acme/thermo`.
  std::string rule;                     // What does not hold, as a sentence.
  std::string remedy;                   // What to do instead.
  std::vector<std::string> candidates;  // Where a name fits several, or who holds an entity.
  std::optional<TextPointer> pointer = std::nullopt;  // Where in a text it is.
};

}  // namespace muster
