#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/domain/decide/rejection.h"
#include "core/domain/entities.h"

namespace muster {

/// `1.4.2`, `1.4.2+rev1` where the semver has several revisions, or `1.4.2 (draft)`.
std::string version_text(const Release& release);

/// How a release is written for people: commit and version.
std::string describe(const Release& release);

/// What a release is named for: those it cannot be done to are no candidates.
enum class ReleaseUse { any, pin, finish, finalize, invalidate, validate };

/// Whether `use` fits the release.
bool is_candidate(const Release& release, ReleaseUse use);

/// The one release of `releases` (of one fleet, not deleted, in the order they were created) that
/// `name` means: its full commit, else a unique prefix of it of at least 7 digits, else `id:N` or
/// a bare N, else a semver, with `+revN` where there are several revisions.
///
/// Releases that `use` does not fit are no candidates. Where only such ones have the name, a pin
/// is refused, saying why; for the other uses they count after all, so that asking again for what
/// is done finds it done.
/// Rejections: unknown_release, ambiguous_release (with candidates, drafts last), and with
/// `for_pin` release_not_success, release_invalidated.
tl::expected<const Release*, Rejection> resolve_release(const std::vector<const Release*>& releases,
                                                        std::string_view name, ReleaseUse use);

/// The number in `id:N`, or in a bare `N`; nullopt for anything else.
std::optional<ReleaseId> release_id_of(std::string_view name);

}  // namespace muster
