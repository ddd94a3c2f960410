#include "core/domain/decide/release_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

#include "core/base/hex.h"

namespace muster {
namespace {

using Releases = std::vector<const Release*>;

constexpr std::size_t prefix_length_min = 7;

template <typename Keep>
Releases select(const Releases& releases, Keep keep) {
  Releases kept;
  std::ranges::copy_if(releases, std::back_inserter(kept), keep);
  return kept;
}

Releases by_commit(const Releases& releases, std::string_view name) {
  return select(releases, [&](const Release* release) { return release->commit == name; });
}

Releases by_prefix(const Releases& releases, std::string_view name) {
  if (name.size() < prefix_length_min || !is_lower_hex(name)) return {};
  return select(releases,
                [&](const Release* release) { return release->commit.starts_with(name); });
}

Releases by_id(const Releases& releases, std::string_view name) {
  const auto id = release_id_of(name);
  if (!id) return {};
  return select(releases, [&](const Release* release) { return release->id == *id; });
}

Releases by_semver(const Releases& releases, std::string_view name) {
  constexpr std::string_view mark = "+rev";
  const auto plus = name.find(mark);
  if (plus == std::string_view::npos) {
    return select(releases, [&](const Release* release) { return release->semver == name; });
  }
  const std::string_view digits = name.substr(plus + mark.size());
  return select(releases, [&](const Release* release) {
    return release->semver == name.substr(0, plus) && release->revision &&
           std::to_string(*release->revision) == digits;
  });
}

/// Those that fit `name` by the first way of naming that fits any.
Releases matches(const Releases& releases, std::string_view name) {
  const std::array<std::function<Releases(const Releases&, std::string_view)>, 4> ways{
      by_commit, by_prefix, by_id, by_semver};
  for (const auto& way : ways) {
    Releases found = way(releases, name);
    if (!found.empty()) return found;
  }
  return {};
}

Rejection unknown(std::string_view name) {
  return Rejection{.code = RejectionCode::unknown_release,
                   .entity = fmt::format("release {}", name),
                   .rule = "the fleet has no such release",
                   .remedy = "`muster release list` shows the fleet's releases"};
}

Rejection ambiguous(std::string_view name, Releases found) {
  constexpr std::size_t shown_max = 10;
  Rejection rejection{.code = RejectionCode::ambiguous_release,
                      .entity = fmt::format("release {}", name),
                      .rule = fmt::format("the name fits {} releases", found.size()),
                      .remedy = "name one of them by its full commit, id:N or semver+revN"};
  std::ranges::sort(
      found, {}, [](const Release* release) { return std::pair{release->draft(), release->id}; });
  for (const Release* release : found) {
    if (rejection.candidates.size() == shown_max) break;
    rejection.candidates.push_back(
        fmt::format("{} {} id:{}", release->commit, version_text(*release), release->id.value()));
  }
  return rejection;
}

Rejection not_pinnable(const Release& release) {
  if (release.invalidated) {
    return Rejection{
        .code = RejectionCode::release_invalidated,
        .entity = describe(release),
        .rule = fmt::format("the release is invalidated: {}", release.invalidation_reason),
        .remedy = "pin another one, or `muster release validate` it first"};
  }
  return Rejection{.code = RejectionCode::release_not_success,
                   .entity = describe(release),
                   .rule = fmt::format("only a release with status success can be pinned; this "
                                       "one is {}",
                                       to_string(release.status)),
                   .remedy = "pin a successful release"};
}

}  // namespace

std::string version_text(const Release& release) {
  if (release.draft()) return fmt::format("{} (draft)", release.semver);
  if (*release.revision == 0) return release.semver;
  return fmt::format("{}+rev{}", release.semver, *release.revision);
}

std::string describe(const Release& release) {
  return fmt::format("release {} {}", release.commit, version_text(release));
}

std::optional<ReleaseId> release_id_of(std::string_view name) {
  constexpr std::string_view prefix = "id:";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  std::uint32_t value = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), value);
  if (name.empty() || read.ec != std::errc{} || read.ptr != name.data() + name.size()) {
    return std::nullopt;
  }
  return ReleaseId{value};
}

bool is_candidate(const Release& release, ReleaseUse use) {
  switch (use) {
    case ReleaseUse::any:
      return true;
    case ReleaseUse::pin:
      return release.pinnable();
    case ReleaseUse::finish:
      return release.status == ReleaseStatus::running;
    case ReleaseUse::finalize:
      return release.draft();
    case ReleaseUse::invalidate:
      return release.status == ReleaseStatus::success && !release.invalidated;
    case ReleaseUse::validate:
      return release.invalidated;
  }
  return true;
}

tl::expected<const Release*, Rejection> resolve_release(const Releases& releases,
                                                        std::string_view name, ReleaseUse use) {
  const Releases fitting =
      select(releases, [&](const Release* release) { return is_candidate(*release, use); });
  Releases found = matches(fitting, name);
  if (found.empty()) {
    found = matches(releases, name);
    if (!found.empty() && use == ReleaseUse::pin) {
      return tl::unexpected(not_pinnable(*found.back()));
    }
  }
  if (found.empty()) return tl::unexpected(unknown(name));
  if (found.size() > 1) return tl::unexpected(ambiguous(name, found));
  return found.front();
}

}  // namespace muster
