#include "tools/muster/support/paths.h"

#include <fmt/format.h>

#include "tools/http/percent.h"

namespace muster::cli {
namespace {

bool is_release_id(std::string_view text) {
  if (text.starts_with("id:")) text.remove_prefix(3);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string item_path(std::string_view kind, std::string_view name) {
  return fmt::format("/v1/{}/{}", kind, percent_encode(name));
}

CliResult<std::string> fleet_path(std::string_view slug) {
  const auto slash = slug.find('/');
  const bool two_parts = slash != std::string_view::npos && slash > 0 && slash + 1 < slug.size() &&
                         slug.find('/', slash + 1) == std::string_view::npos;
  if (!two_parts) {
    return wrong_usage(fmt::format("'{}' is no fleet: a fleet is named ORGANISATION/NAME", slug),
                       "See `muster fleet list` for the fleets you may see.");
  }
  return fmt::format("/v1/fleets/{}/{}", percent_encode(slug.substr(0, slash)),
                     percent_encode(slug.substr(slash + 1)));
}

CliResult<std::string> release_path(std::string_view release, std::string_view fleet) {
  if (release.empty()) return wrong_usage("the name of a release is empty");
  if (fleet.empty()) {
    if (is_release_id(release)) return item_path("releases", release);
    return wrong_usage(
        fmt::format("'{}' names a release only within a fleet: which one is not said", release),
        "Add --fleet ORGANISATION/NAME, or name the release by its id (id:N).");
  }
  return fleet_path(fleet).map([release](const std::string& path) {
    return fmt::format("{}/releases/{}", path, percent_encode(release));
  });
}

}  // namespace muster::cli
