#include "core/domain/filter/view_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace muster {
namespace {

std::optional<SavedViewId> view_id_of(std::string_view name) {
  constexpr std::string_view prefix = "id:";
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint32_t value = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), value);
  if (name.empty() || read.ec != std::errc{} || read.ptr != name.data() + name.size()) {
    return std::nullopt;
  }
  return SavedViewId{value};
}

}  // namespace

tl::expected<const SavedView*, Rejection> resolve_view(const std::vector<const SavedView*>& views,
                                                       UserId user, std::string_view name) {
  const auto id = view_id_of(name);
  std::vector<const SavedView*> found;
  std::ranges::copy_if(views, std::back_inserter(found), [&](const SavedView* view) {
    return id ? view->id == *id : view->name == name;
  });
  const auto own = std::ranges::find(found, user, &SavedView::owner);
  if (own != found.end()) return *own;
  if (found.size() == 1) return found.front();
  Rejection rejection{.code = RejectionCode::unknown_view,
                      .entity = fmt::format("view {}", name),
                      .rule = "there is no such view, or you may not see it",
                      .remedy = "`muster view list` shows your views and those shared with you",
                      .candidates = {}};
  if (found.size() > 1) {
    rejection.code = RejectionCode::ambiguous_view;
    rejection.rule = fmt::format("{} views of this name are shared with you", found.size());
    rejection.remedy = "name it by its id";
    for (const SavedView* view : found) {
      rejection.candidates.push_back(fmt::format("id:{}", view->id.value()));
    }
  }
  return tl::unexpected(std::move(rejection));
}

}  // namespace muster
