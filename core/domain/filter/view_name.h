#pragma once

#include <optional>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "core/domain/decide/access.h"
#include "core/domain/decide/rejection.h"
#include "core/domain/entities.h"

namespace muster {

/// The one of `views` (not removed, and `user` may see all of them) that `name` means: `id:N`,
/// else the user's own of that name, else the only one of that name that others share.
/// Rejections: unknown_view; ambiguous_view, with candidates.
tl::expected<const SavedView*, Rejection> resolve_view(const std::vector<const SavedView*>& views,
                                                       UserId user, std::string_view name);

}  // namespace muster
